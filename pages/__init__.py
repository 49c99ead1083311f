"""One question of the review meeting per file, each with a render() function."""
