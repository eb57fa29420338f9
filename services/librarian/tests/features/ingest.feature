Feature: Photos that are dropped into the inbox are kept safely
  A household points its phones at the inbox and trusts that nothing is lost.

  Scenario: A photo is filed under the day on which it was taken
    Given an empty library
    When a photo taken on 2024-05-17 at 23:30 in Tokyo is dropped into the inbox
    Then the library holds it in the folder 2024/2024-05-17
    And the inbox is empty

  Scenario: What was taken in is not touched by what happens in the inbox
    Given a library with a photo
    When somebody deletes everything in the inbox
    Then the library holds one photo
