"""Cameras: one file per way in which pictures come. They hand on encoded pictures and judge nothing."""
