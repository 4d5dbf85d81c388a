# %% [markdown]
# # 00 Start here
#
# draft
# %%
from lessons_lib.display.widgets import blur_microscope

# %%
microscope = blur_microscope(picture="slanted edge")
microscope
