"""The classes and functions of Keras that a file may name, and why others are refused.

A class is in this list because its arguments are numbers, names and further parts: none takes a
path, an address, or a function that is not in this list itself. A test compares it with the layers
of the installed Keras, so that each is either here or refused for a reason.
"""

from collections.abc import Container, Mapping

from regcli.keras_files.allowed_operations import OPERATIONS, names
from regcli.keras_files.refused import BUILD_INSTEAD, SAVE_AGAIN

LAYERS = names(
    """
    Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
    AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add
    AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D
    AveragePooling2D AveragePooling3D AvgPool1D AvgPool2D AvgPool3D BatchNormalization
    Bidirectional CategoryEncoding CenterCrop Concatenate
    ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose
    Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Convolution1D Convolution1DTranspose
    Convolution2D Convolution2DTranspose Convolution3D Convolution3DTranspose Cropping1D
    Cropping2D Cropping3D CutMix Dense DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout
    ELU EinsumDense Embedding Equalization Flatten GRU GRUCell GaussianDropout GaussianNoise
    GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalAvgPool1D
    GlobalAvgPool2D GlobalAvgPool3D GlobalMaxPool1D GlobalMaxPool2D GlobalMaxPool3D
    GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization
    GroupQueryAttention Identity InputLayer LSTM LSTMCell LayerNormalization LeakyReLU Masking
    MaxPool1D MaxPool2D MaxPool3D MaxPooling1D MaxPooling2D MaxPooling3D Maximum MelSpectrogram
    Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute Pipeline
    RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
    RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur
    RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
    RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector
    Rescaling Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D
    SeparableConvolution1D SeparableConvolution2D SimpleRNN SimpleRNNCell Softmax Solarization
    SpatialDropout1D SpatialDropout2D SpatialDropout3D SpectralNormalization StackedRNNCells
    Subtract TimeDistributed UnitNormalization UpSampling1D UpSampling2D UpSampling3D
    ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """
)

_ENCODE = "encode text before it reaches the model"
REFUSED: Mapping[str, str] = {
    "Lambda": (
        f"it runs Python code that the file holds; use layers or keras.ops, or {BUILD_INSTEAD}"
    ),
    "TorchModuleWrapper": f"it unpickles a PyTorch module, which runs code; {BUILD_INSTEAD}",
    "JaxLayer": f"it calls a Python function; {BUILD_INSTEAD}",
    "FlaxLayer": f"it calls a Python function; {BUILD_INSTEAD}",
    "TFSMLayer": f"it loads a TensorFlow SavedModel from a path; {BUILD_INSTEAD}",
    **dict.fromkeys(
        ("StringLookup", "IntegerLookup", "TextVectorization", "FeatureSpace"),
        f"it reads its vocabulary from a path or an address; {_ENCODE}",
    ),
    **dict.fromkeys(("Hashing", "HashedCrossing"), f"it takes text; {_ENCODE}"),
    "MaxNumBoundingBoxes": "it takes bounding boxes, not columns or images; leave it out",
    **dict.fromkeys(("Layer", "Wrapper"), f"it computes nothing by itself; {BUILD_INSTEAD}"),
    "InputSpec": f"it is no layer; {SAVE_AGAIN}",
    "__lambda__": f"it is Python code that the file holds (CVE-2024-3660); {BUILD_INSTEAD}",
    "__typespec__": f"it names a class of TensorFlow; {SAVE_AGAIN}",
    "__bytes__": f"no allowed layer has bytes in it; {SAVE_AGAIN}",
    **dict.fromkeys(
        (
            *("AWQDTypePolicy", "GPTQDTypePolicy", "Int4DTypePolicy", "QuantizedDTypePolicy"),
            *("QuantizedFloat8DTypePolicy", "DTypePolicyMap"),
        ),
        "quantized weights cannot be trained; save the model before it is quantized",
    ),
}
"""Classes that a file may not name, with the reason."""

ACTIVATIONS = names(
    """
    celu elu exponential gelu glu hard_shrink hard_sigmoid hard_silu hard_swish hard_tanh
    leaky_relu linear log_sigmoid log_softmax mish relu relu6 selu sigmoid silu soft_shrink
    softmax softplus softsign sparse_plus sparse_sigmoid sparsemax squareplus swish tanh
    tanh_shrink threshold
    """
)
"""The only functions that a file may name."""

ACTIVATION_MODULES = frozenset({"builtins", "keras.activations"})

STACK, GRAPH = "Sequential", "Functional"
_MODELS = {
    "keras": {STACK, GRAPH},
    "keras.models": {STACK, GRAPH},
    "keras.src.models.sequential": {STACK},
    "keras.src.models.functional": {GRAPH},
}

_PARTS: Mapping[str, frozenset[str]] = {
    "keras.initializers": names(
        """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity IdentityInitializer
        LecunNormal LecunUniform Ones Orthogonal OrthogonalInitializer RandomNormal RandomUniform
        STFT STFTInitializer TruncatedNormal VarianceScaling Zeros
        """
    ),
    "keras.regularizers": frozenset({"L1", "L2", "L1L2", "OrthogonalRegularizer"}),
    "keras.constraints": frozenset({"MaxNorm", "MinMaxNorm", "NonNeg", "UnitNorm"}),
    "keras": frozenset({"DTypePolicy"}),
    "keras.dtype_policies": frozenset({"DTypePolicy"}),
}

DTYPES = names(
    """
    bool uint8 uint16 uint32 int8 int16 int32 int64 float16 bfloat16 float32 float64
    """
)
"""Types of numbers that tensors in a file may have."""

POLICIES = frozenset(
    {"float16", "bfloat16", "float32", "float64", "mixed_float16", "mixed_bfloat16"}
)


def is_named(value: object, known: Container[str]) -> bool:
    """Whether a value of a file is one of some names: it may be anything."""
    return isinstance(value, str) and value in known


def is_model(module: str, name: str) -> bool:
    """Whether a class is a stack or a graph of layers."""
    return name in _MODELS.get(module, ())


def is_layer(module: str, name: str) -> bool:
    """Whether a class may stand among the layers of a model."""
    known = LAYERS if module == "keras.layers" else OPERATIONS.get(module, frozenset())
    return name in known or is_model(module, name)


def is_part(module: str, name: str) -> bool:
    """Whether a class may be an argument of a layer: an initializer, a regularizer and the like."""
    return name in _PARTS.get(module, ())
