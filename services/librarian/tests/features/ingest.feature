Feature: Photos that are dropped into the inbox are kept safely
  A household points its phones at the inbox and trusts that nothing is lost.

  Scenario: A photo is filed under the day on which it was taken
    Given an empty library
    When a photo taken on 2024-05-17 at 23:30 in Tokyo is dropped into the inbox
    Then the library holds it in the folder 2024/2024-05-17
    And the inbox is empty

  Scenario: The same photo twice is kept once
    Given a library with a photo
    When the same photo is dropped into the inbox under another name
    Then the library holds one photo
    And the removed duplicate is on record

  Scenario: A text file named like a photo is not lost
    Given an empty library
    When a text file named holiday.jpg is dropped into the inbox
    Then it stays in the inbox
    And it is listed as a problem that says what it is

  Scenario: The disk of the library is not mounted
    Given a library with a photo
    When the disk of the library goes away and a photo is dropped into the inbox
    Then the photo stays in the inbox
    And the librarian says that it waits for the disk
