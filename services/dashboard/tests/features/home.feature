Feature: The page that a household looks at
  In five seconds: is everything safe, is it working, must I do something.

  Background:
    Given every service sends its heartbeat
    And backup is not set up

  Scenario: A new photo appears with its thumbnail
    Given a photo "beach.jpg" with a thumbnail in the library
    When I open Home
    Then I read "1 asset is stored."
    And I see the thumbnail of "beach.jpg"
    And I read "This machine holds the only copy"

  Scenario: A photo whose thumbnail failed says why
    Given a photo "broken.jpg" whose thumbnail failed because "The file is cut off."
    When I open Home
    Then I read "1 file needs you."
    And I read "The file is cut off."

  Scenario: The database goes away
    Given a photo "beach.jpg" with a thumbnail in the library
    And the database is away
    When I open Home
    Then I read "The database has not answered since"
    And I do not read "1 asset is stored."
