Feature: A wrong date is put right by whoever knows better
  Clocks of cameras are wrong, scans have no date at all. A person says when a photo was taken; the
  original stays as it is, lies under the right day from then on, and all of it can be taken back.

  Scenario: A camera whose clock was never set
    Given a library with a photo of "2018-01-01 10:00"
    And a librarian at work
    When I correct it to "2019-05-04 12:30"
    Then the command ends with 0
    And I read "Done: 1 asset, 1 file moved to another folder."
    And the photo lies in "2019/2019-05-04"
    When I take that back
    Then I read "Done: 1 asset, 1 file moved to another folder."
    And the photo lies in "2018/2018-01-01"
    And its bytes are what they were

  Scenario: A clock that was an hour slow on New Year's Eve
    Given a library with a photo of "2018-12-31 23:30"
    And a librarian at work
    When I shift everything in "2018/2018-12-31" by "+1:00:00"
    Then the command ends with 0
    And the photo lies in "2019/2019-01-01"
    When I ask for all that is known of it
    Then I read "2019-01-01 00:30:00"
    And I read "by correction (confidence high)"

  Scenario: No librarian is running
    Given a library with a photo of "2018-01-01 10:00"
    When I correct it to "2019-05-04 12:30"
    Then the command ends with 0
    And I read "Recorded: 1 asset, which the librarian sees to. No librarian is running"
    And the photo lies in "2018/2018-01-01"
    When the librarian begins its work
    Then the photo soon lies in "2019/2019-05-04"

  Scenario: Photos that say nothing of when they were taken
    Given a library with a photo without a date
    When I ask for unsure dates
    Then the command ends with 1
    And I read "1 unsure date, known in 1 way"
    And I read "photo-factory correct NUMBER --date"

  Scenario: A library from before the rules became better
    Given a library with a photo of "2018-01-01 10:00"
    And older rules filed it under "2016-06-06 06:06"
    When I ask what today's rules would change
    Then the command ends with 1
    And I read "another day: the file belongs into another folder"
    And the photo lies in "2016/2016-06-06"
    When the librarian begins its work
    And I let today's rules decide
    Then the command ends with 0
    And the photo soon lies in "2018/2018-01-01"
