Feature: The same photo twice is kept once, and only when that is proven
  A copy is let go after the kept one has been read again.

  Scenario: A duplicate is removed and remembered
    Given a library with a photo
    When the same photo is dropped into the inbox as again.jpg
    Then the library holds one photo
    And the inbox is empty
    And the duplicate again.jpg is on record

  Scenario: Copies that come at the same time
    Given an empty library
    When a photo and two copies of it are dropped into the inbox
    Then the library holds one photo
    And the inbox is empty
    And two duplicates are on record

  Scenario: An original that has gone missing is healed
    Given a library with a photo
    And somebody deletes the original from the library
    When the same photo is dropped into the inbox as again.jpg
    Then the library holds one photo

  Scenario: An original that has rotted is healed and put aside
    Given a library with a photo
    And the original in the library has rotted
    When the same photo is dropped into the inbox as again.jpg
    Then the library holds one photo
    And the quarantine holds the rotten one

  Scenario: Two photos that differ in what they say of themselves are two photos
    Given a library with a photo
    When the same picture with another description is dropped into the inbox
    Then the library holds two photos
