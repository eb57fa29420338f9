Feature: Watching over the line
  Somebody must notice when a service dies without a word.

  Scenario: A service dies and comes back
    Given a librarian that has sent its heartbeat
    And service-monitor is running
    When the librarian dies without a word
    Then the picture shows the librarian as down
    And service-monitor says "librarian is down."
    And service-monitor has logged "service is down" once
    When the librarian sends its heartbeat again
    Then service-monitor says ""
    And service-monitor has logged "service is back" once

  Scenario: The disks and PostgreSQL are watched
    Given service-monitor is running
    Then the picture shows PostgreSQL and the disk of the library
    When service-monitor is asked to stop
    Then it ends with exit code 0 and has said goodbye
