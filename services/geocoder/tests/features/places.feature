Feature: Photos say where they were taken
  A household wants to find a holiday by the name of the place, without telling anyone outside.

  Scenario: A photo with coordinates gets the name of its town
    Given a photo taken on the beach of Wollongong
    When the geocoder has worked
    Then the photo was taken in Wollongong, Australia

  Scenario: Far from every town the country is still known
    Given a photo taken in the Sahara
    When the geocoder has worked
    Then the photo was taken in Algeria

  Scenario: A photo from the open sea needs nobody's attention
    Given a photo taken in the middle of the Atlantic
    When the geocoder has worked
    Then the photo has no place
    And it is on record that it was taken at sea

  Scenario: A photo without coordinates is left alone
    Given a photo without coordinates
    When the geocoder has worked
    Then the photo has no place
    And there is no work for the geocoder
