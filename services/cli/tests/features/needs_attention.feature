Feature: What needs attention is seen and mended
  One bad file never stops the line: it is shown, and tried again once it has been mended.

  Scenario: A truncated file is shown and tried again
    Given a photo in the inbox that failed as "truncated"
    When I ask for the problems
    Then the command ends with 1
    And I read "inbox: truncated, 1 file"
    When I retry the cause "truncated"
    Then the command ends with 0
    And I read "1 failed file will be tried again."
    When I ask for the problems
    Then the command ends with 0
    And I read "No problems."

  Scenario: The thumbnailer gave up on a photo
    Given a photo in the library on which the thumbnailer gave up as "time_limit_exceeded"
    When I ask for the status
    Then I read "stage thumbnailer: 0 pending, 0 running, 1 failed"
    When I retry the cause "time_limit_exceeded"
    And I ask for the status
    Then I read "stage thumbnailer: 1 pending"
    And I read "0 running, 0 failed"
