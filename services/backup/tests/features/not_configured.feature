Feature: The backup never claims what it has not done
  Whoever reads "backed up" relies on it when the disk dies.

  Scenario: No target is configured
    Given a library with photos and no backup target
    When the backup service has looked for work
    Then it says that originals exist only in the library
    And no photo counts as backed up
