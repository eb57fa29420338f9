Feature: Everybody can see that their photos are still what they were
  Disks rot in silence. What was stored is read again and compared with its hash.

  Scenario: All is well
    Given a library with 3 photos
    When I verify the library
    Then the command ends with 0
    And I read "3 intact"
    And I read "No findings."

  Scenario: A disk has altered one photo and lost another
    Given a library with 3 photos
    And one byte of photo 1 has changed
    And photo 2 has gone
    When I verify the library
    Then the command ends with 1
    And I read "1 intact"
    And I read "2 findings: 1 missing, 1 altered."

  Scenario: The share with the library is not mounted
    Given a library with 3 photos
    And the share with the library is not mounted
    When I verify the library
    Then the command ends with 2
    And I am told "Is the disk or share mounted?"

  Scenario: What the disk has lost or altered comes back from an old backup
    Given a library with 3 photos
    And an old backup of them
    And one byte of photo 1 has changed
    And photo 2 has gone
    When I repair the library from the old backup
    Then the command ends with 0
    And I read "2 of them in order again, 0 left."
    When I verify the library
    Then the command ends with 0
    And I read "3 intact"

  Scenario: There is no copy of a lost photo
    Given a library with 3 photos
    And photo 2 has gone
    When I repair the library
    Then the command ends with 1
    And I read "look in other folders with --from"
