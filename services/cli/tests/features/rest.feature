Feature: The line can be given a rest
  Somebody wants the machine for something else, or wants to look at what happens.

  Scenario: The thumbnailer rests and goes on
    Given a thumbnailer at work on 8 photos
    When I pause the thumbnailer
    Then the command ends with 0
    And I read "Go on with: photo-factory resume thumbnailer"
    And the status says "Paused by"
    And the thumbnailer has nothing in hand and 8 photos are not all done
    When I resume the thumbnailer
    Then the command ends with 0
    And all 8 photos get their thumbnails
