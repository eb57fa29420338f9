Feature: My photos are mine, with all that is known of them
  Whoever leaves, or gives photos to somebody, takes copies along, in folders and formats that
  every other program understands. The library stays as it is.

  Scenario: Everything goes to an external disk
    Given a library with 3 photos
    When I export all to the disk
    Then the command ends with 0
    And I read "3 copied"
    And the disk holds 3 photos that are the originals byte for byte

  Scenario: The same again, after a photo was added
    Given a library with 3 photos
    When I export all to the disk
    And photo 4 comes into the library
    And I export all to the disk
    Then I read "1 copied"
    And I read "3 were there already"
    And the disk holds 4 photos that are the originals byte for byte

  Scenario: Another program learns the titles from sidecars
    Given a library with 2 photos
    And photo 1 has the title "Granny's 80th"
    When I export all with XMP to the disk
    Then the command ends with 0
    And the sidecar of photo 1 says "Granny's 80th"

  Scenario: The titles travel in the copies
    Given a library with 2 photos
    And photo 1 has the title "Granny's 80th"
    When I export all to the disk with what is known written into the copies
    Then copy 1 says "Granny's 80th"
    And the library is as it was

  Scenario: The target is the inbox by mistake
    Given a library with 1 photos
    When I export all to the inbox
    Then the command ends with 2
    And I am told "Export to another folder."
