Feature: The librarian rests when it is told to, and what is small need not wait for what is huge

  Scenario: The librarian rests and goes on
    Given an empty library
    When I pause the librarian
    And a photo is dropped into the inbox
    Then the photo stays in the inbox and waits
    When I resume the librarian
    Then the library holds one photo

  Scenario: A huge film does not hold up photos
    Given an empty library
    When a huge film and 20 photos are dropped into the inbox
    Then the photos are stored while the film is still being read
    And in the end the film is stored as well
