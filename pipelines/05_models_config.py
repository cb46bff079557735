"""Write saved_models/models.config, the list of models that TF Serving polls."""

from kcnn.serving.config import write_models_config
from kcnn.workspace import Workspace

if __name__ == "__main__":
    print(write_models_config(Workspace().saved_models))
