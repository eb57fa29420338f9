Feature: Photos say where they were taken
  A household wants to find a holiday by the name of the place, without telling anyone outside.

  Scenario: A photo with coordinates gets the name of its town
    Given a photo taken on the beach of Wollongong
    When the geocoder has worked
    Then the photo was taken in Wollongong, Australia

  Scenario: A photo of a district is of its city as well
    Given a photo taken in a lane of Trastevere
    When the geocoder has worked
    Then the photo was taken in Trastevere, Italy
    And it belongs to Rome in Lazio

  Scenario: Names are in the language of the house
    Given the house speaks de
    And a photo taken in the middle of Padua
    When the geocoder has worked
    Then the photo was taken in Padua, Italien

  Scenario: Far from every town the country is still known
    Given a photo taken in the Sahara
    When the geocoder has worked
    Then the photo was taken in Algeria

  Scenario: A photo from the open sea needs nobody's attention
    Given a photo taken in the middle of the Atlantic
    When the geocoder has worked
    Then the photo has no place
    And it is on record that it was taken at sea

  Scenario: Coordinates that are not on Earth are told, and tried no more
    Given a photo taken beyond the pole
    When the geocoder has worked
    Then the photo has no place
    And it is on record that this is not on Earth

  Scenario: A photo without coordinates is left alone
    Given a photo without coordinates
    When the geocoder has worked
    Then the photo has no place
    And there is no work for the geocoder
