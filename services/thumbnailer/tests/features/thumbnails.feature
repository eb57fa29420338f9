Feature: Every photo and video can be looked at
  A household browses its library by small pictures; one bad file must not keep it from the others.

  Scenario: A photo that was taken with the phone upright is shown upright
    Given a photo in the library that was taken with the phone held upright
    When the thumbnailer has done its work
    Then there is a thumbnail, a preview and a web picture of it, all upright
    And a blurred placeholder of it is on record
    And the original has not been touched

  Scenario: A video is shown by one of its frames
    Given a video in the library
    When the thumbnailer has done its work
    Then there is a thumbnail, a preview and a web picture of it, all upright

  Scenario: A damaged photo does not keep the others waiting
    Given a damaged photo in the library
    And a photo in the library that was taken with the phone held upright
    When the thumbnailer has done its work
    Then there is a thumbnail, a preview and a web picture of it, all upright
    And the damaged photo is listed as a problem that says that the original is kept

  Scenario: Thumbnails that were lost can be made again
    Given a photo in the library that was taken with the phone held upright
    And the thumbnailer has done its work
    When all thumbnails are deleted and asked for again
    And the thumbnailer has done its work
    Then there is a thumbnail, a preview and a web picture of it, all upright
