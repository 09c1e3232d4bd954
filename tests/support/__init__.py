"""What the tests stand on: databases, mail, browsers and servers, all real."""
