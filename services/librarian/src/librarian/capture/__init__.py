"""When and where a photo or video was taken; pure, from what is known of it."""
