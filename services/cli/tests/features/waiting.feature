Feature: Every file that waits explains itself
  Nobody has to guess why a photo is still in the inbox.

  Scenario: A sidecar came and its photo did not
    Given a sidecar "IMG_0001.xmp" that waits for its photo since 2 hours
    When I ask what waits
    Then the command ends with 0
    And I read "Sidecars without their photo: 1 file"
    And I read "IMG_0001.xmp"
    When I ask for the status
    Then I read "1 sidecar without a photo"

  Scenario: The librarian does not run
    Given a photo "a.jpg" that should have been taken in 2 hours ago
    And the librarian is stopped
    When I ask for the status
    Then I read "What waits for so long, and why: photo-factory inbox"
    When I ask what waits
    Then I read "The librarian is stopped."

  Scenario: A file of no photo was put aside
    Given a file "notes.txt" that was put aside
    When I ask for the problems
    Then the command ends with 0
    And I read "No problems."
    When I ask what waits
    Then I read "Nothing waits."
    And I read "Put aside: 1 file"
