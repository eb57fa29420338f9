Feature: Inboxes that are emptied, inboxes that are only read, and disks that go away
  A removal here may travel back to a phone, and a removal there may travel to us.
  Neither may cost a photo.

  Scenario: A folder of the phone is only read
    Given a folder of the phone that is called camera and only read
    When a photo appears in camera
    Then the library holds one photo
    And the photo stays in camera
    When the librarian looks at everything again
    Then nothing in camera counts as new or as a duplicate

  Scenario: A photo deleted on the phone stays in the library
    Given a folder of the phone that is called camera and only read
    And a photo appears in camera
    When the photo is deleted from camera
    Then the library holds one photo

  Scenario: A photo edited on the phone comes as a second one
    Given a folder of the phone that is called camera and only read
    And a photo appears in camera
    When the photo in camera is edited in its place
    Then the library holds the photo as it was and as it is now

  Scenario: An original deleted by hand takes nothing with it
    Given a folder of the phone that is called camera and only read
    And a photo appears in camera
    When somebody deletes the original from the library
    Then the photo stays in camera

  Scenario: Two inboxes bring the same photo
    Given a folder of the phone that is called camera and only read
    When the same photo is dropped into the inbox and into camera
    Then the library holds one photo
    And the inbox is empty
    And the photo stays in camera

  Scenario: The disk of one inbox goes away
    Given a folder of the phone that is called camera and only read
    And a photo appears in camera
    When the disk of camera goes away and a photo is dropped into the inbox
    Then the library holds two photos
    And an alert says that camera is away
    When the disk of camera comes back with another photo
    Then the library holds three photos
    And no alert is left

  Scenario: The disk of the library is not mounted
    Given a library with a photo
    When the disk of the library goes away and a photo is dropped into the inbox
    Then the photo stays in the inbox
    And the librarian says that it waits for the disk
    When the disk of the library comes back
    Then the library holds two photos
    And no alert is left

  Scenario: The disk of the library is nearly full
    Given a folder of the phone that is called camera and only read
    And the disk of the library has less room than is to be kept free
    When a photo appears in camera that does not fit
    Then IMG_1.jpg is explained: "there is no room in the library"
    And the librarian is paused and an alert says that the disk is full
    When somebody makes room
    Then the library holds one photo
    And no alert is left
