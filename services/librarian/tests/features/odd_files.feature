Feature: Files that are not what they seem explain themselves
  Nothing that is dropped into the inbox vanishes, whatever it is.

  Scenario: A wrong extension is recorded and the name is kept
    Given an empty library
    When a PNG picture named scan.jpg is dropped into the inbox
    Then the library holds scan.jpg side by side
    And scan.jpg is recorded as an image/png that is misnamed

  Scenario: A text file named like a photo is not lost
    Given an empty library
    When a text file named holiday.jpg is dropped into the inbox
    Then it stays in the inbox
    And holiday.jpg is explained: "its content is no photo or video"

  Scenario: Other files go to the quarantine where that is wished
    Given a household that puts other files into the quarantine
    When a text file named holiday.jpg is dropped into the inbox
    Then the inbox is empty
    And the quarantine holds the text
    And holiday.jpg is explained: "It is in the quarantine now"

  Scenario: A photo that is still being copied is not taken too early
    Given a household that waits a second for files to settle
    When a photo grows in the inbox piece by piece
    Then it is not taken before it has its last piece
    And the library holds one photo

  Scenario: A photo that was cut off waits and then says what is missing
    Given a household that waits an hour for files that look unfinished
    When half a photo named half.jpg is dropped into the inbox
    Then half.jpg is explained: "looks unfinished"
    And nobody is asked for help
    When six hours pass
    Then half.jpg is explained: "the file is not complete"
    And somebody is asked for help
    When the whole photo is copied over half.jpg
    Then the library holds one photo
    And the inbox is empty
