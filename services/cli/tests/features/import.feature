Feature: Old photos come into the library from anywhere
  Disks, memory cards and backups of many years are taken in by one command. It can be tried first
  without any effect, it can be stopped at any time, and the source stays as it was.

  Scenario: A copy of an old disk
    Given an old disk with 3 photos
    And a copy of one of them
    When I import it
    Then the command ends with 0
    And I read "new               3"
    And I read "duplicate         1"
    And I read "The source is as it was."
    And the library has 3 photos
    And the old disk is untouched

  Scenario: Looking before leaping
    Given an old disk with 3 photos
    When I try the import without any effect
    Then the command ends with 0
    And I read "The new ones would be filed by day: 3 in 2024."
    And the library has 0 photos
    And the old disk is untouched

  Scenario: The same disk a second time
    Given an old disk with 3 photos
    When I import it
    And I import it
    Then I read "known             3"
    And the library has 3 photos

  Scenario: Emptying a memory card
    Given an old disk with 3 photos
    And a text beside them
    When I move it
    Then the command ends with 0
    And the library has 3 photos
    And only the text is left on the old disk

  Scenario: One photo is damaged
    Given an old disk with 3 photos
    And photo 2 is cut off in the middle
    When I import it
    Then the command ends with 1
    And I read "failed: truncated, 1 file"
    And the library has 2 photos
    When photo 2 has been copied anew
    And I import it
    Then the command ends with 0
    And the library has 3 photos

  Scenario: The library itself is no source
    When I import the library
    Then the command ends with 2
    And I am told "Nothing can be imported from there."
