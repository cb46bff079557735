"""A small 3-D network (as Tran et al. 2015) on clips of shapes that move, where no frame tells what they do.

    kcnn train c3d_small_motions
    kcnn repeat c3d_small_motions early_fusion_motions single_frame_motions --seeds 3

With data.source=shapes the class is what moves instead.
"""

from kcnn.recipes.model import Model
from kcnn.recipes.optimize import AdamW, Cosine
from kcnn.recipes.recipe import Recipe
from kcnn.recipes.train import Train
from kcnn.recipes.video import Video

recipe = Recipe(
    name="c3d_small_motions",
    data=Video(source="motions"),
    model=Model(name="c3d_small"),
    optimizer=AdamW(lr=1e-3, weight_decay=0.01),
    schedule=Cosine(warmup_epochs=1),
    train=Train(epochs=20, batch_size=32),
)
