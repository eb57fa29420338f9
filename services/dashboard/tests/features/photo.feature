Feature: The page of a photo says how its date was decided
  Who doubts a date can see what spoke for it, what spoke against it, and how to correct it.

  Scenario: The camera wrote the date
    Given a photo that its camera dated, in a zone known by its place
    When I open its page
    Then I read "Sunday, 14 July 2019"
    And I read "UTC+2, from the place"
    And I read "High confidence"
    And I read "The camera wrote it."
    And I read "Differs by 17 years from ExifIFD:DateTimeOriginal."

  Scenario: Only the file's own time was there
    Given a photo of which nothing says when it was taken
    When I open Needs attention
    Then I read "Dates to check"
    And I read "Only a guess"
    When I open its page
    Then I read "Only the file's own time was there: please check."
    And I read "time zone unknown"
    And I read "photo-factory correct"
    And I do not read "High confidence"

  Scenario: A person has corrected the date
    Given a photo whose date was corrected by "maria"
    When I open its page
    Then I read "A person corrected it."
    And I read "by maria"
    And I read "in force"
