"""Pictures and sliders: static figures, and the one canvas view that every widget shares."""
