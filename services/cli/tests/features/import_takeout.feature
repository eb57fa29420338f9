Feature: Photos come home from Google Photos
  Google Takeout gives the photos back without their dates, and the dates, albums and people in JSON
  files beside them, in parts that may come one after the other. One command puts all of it together.

  Scenario: Both parts at once
    Given a Takeout of two parts
    When I import both parts
    Then the command ends with 0
    And I read "new               2"
    And I read "dates: 2 from Takeout"
    And I read "albums: 1 (Summer!)"
    And the library has 2 photos, each with its JSON
    And the album "Summer!" has 1 photo

  Scenario: The second part comes later
    Given a Takeout of two parts
    When I import part 1
    Then the command ends with 0
    And the library has 1 photo
    When I delete part 1
    And I import part 2
    Then the command ends with 0
    And the library has 2 photos, each with its JSON
    And the album "Summer!" has 1 photo

  Scenario: The same parts a second time
    Given a Takeout of two parts
    When I import both parts
    And I import both parts
    Then I read "known             3"
    And the library has 2 photos, each with its JSON

  Scenario: Nothing is moved out of a Takeout
    Given a Takeout of two parts
    When I move both parts
    Then the command ends with 2
    And I am told "A Takeout is only copied"
