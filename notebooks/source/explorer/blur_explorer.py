# %% [markdown]
# # Blur explorer: why do edges blur?
#
# Move a slider and watch *method noise*: what you recognise there was picture, not noise.
# Click on an edge, or walk with the arrow keys: the *profile* shows how wide it became.

# %%
from lessons_lib.display.widgets import blur_microscope

blur_microscope(picture="night street, photographed")
