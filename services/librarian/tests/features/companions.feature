Feature: Files that belong together stay together
  A phone writes two files for one picture, a camera three, an editor a fourth.
  They may come in any order, hours apart.

  Scenario: The still and the film of a Live Photo
    Given an empty library
    When the still IMG_1.JPG and the film IMG_1.MOV are dropped into the inbox
    Then the library holds IMG_1.JPG, IMG_1.MOV side by side
    And IMG_1.MOV is recorded as the live_video of IMG_1.JPG
    And the inbox is empty

  Scenario: A name that is in use changes for both halves
    Given a library with another photo IMG_1.JPG of that day
    When the still IMG_1.JPG and the film IMG_1.MOV are dropped into the inbox
    Then the library holds IMG_1.JPG, IMG_1_1.JPG, IMG_1_1.MOV side by side
    And IMG_1_1.MOV is recorded as the live_video of IMG_1_1.JPG

  Scenario: The film comes hours later
    Given the still IMG_1.JPG is dropped into the inbox
    When six hours pass
    And the film IMG_1.MOV is dropped into the inbox
    Then the library holds IMG_1.JPG, IMG_1.MOV side by side
    And IMG_1.MOV is recorded as the live_video of IMG_1.JPG

  Scenario: The film comes first
    Given the film IMG_1.MOV is dropped into the inbox
    When six hours pass
    And the still IMG_1.JPG is dropped into the inbox
    Then the library holds IMG_1.JPG, IMG_1.MOV side by side
    And IMG_1.MOV is recorded as the live_video of IMG_1.JPG

  Scenario: A camera writes a RAW and a JPEG of one shot
    Given an empty library
    When the still DSC_1.JPG and the RAW DSC_1.DNG are dropped into the inbox
    Then the library holds DSC_1.JPG, DSC_1.DNG side by side
    And DSC_1.DNG is recorded as the raw of DSC_1.JPG

  Scenario: An edited version lies beside its original
    Given an empty library
    When the still IMG_0001.JPG and the edited version IMG_E0001.JPG are dropped into the inbox
    Then the library holds IMG_0001.JPG, IMG_E0001.JPG side by side
    And IMG_E0001.JPG is recorded as the edited of IMG_0001.JPG

  Scenario Outline: A sidecar comes with its photo
    Given an empty library
    When the still a.jpg and the sidecar <sidecar> are dropped into the inbox
    Then the library holds a.jpg, <sidecar> side by side
    And <sidecar> is recorded as a sidecar of a.jpg
    And the inbox is empty

    Examples:
      | sidecar   |
      | a.xmp     |
      | a.jpg.xmp |
      | a.aae     |

  Scenario: A sidecar comes hours later
    Given the still a.jpg is dropped into the inbox
    When six hours pass
    And the sidecar a.xmp is dropped into the inbox
    Then the library holds a.jpg, a.xmp side by side
    And a.xmp is recorded as a sidecar of a.jpg

  Scenario: A sidecar comes first and waits for its photo
    Given the sidecar a.xmp is dropped into the inbox
    Then a.xmp is explained: "waits for the photo or video that it belongs to"
    When six hours pass
    And the still a.jpg is dropped into the inbox
    Then the library holds a.jpg, a.xmp side by side
    And a.xmp is recorded as a sidecar of a.jpg
    And the inbox is empty

  Scenario: A sidecar follows its photo to another name
    Given a library with another photo IMG_1.JPG of that day
    When the still IMG_1.JPG and the sidecar IMG_1.xmp are dropped into the inbox
    Then the library holds IMG_1.JPG, IMG_1_1.JPG, IMG_1_1.xmp side by side
    And IMG_1_1.xmp is recorded as a sidecar of IMG_1_1.JPG
