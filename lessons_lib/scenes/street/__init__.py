"""The parts that the night street is built from; lessons use ``scenes.night_street``."""
