"""Layers that the papers need and Keras lacks; once this is imported, Keras loads models that hold them."""

from kcnn.layers.background_padding import BackgroundPadding2D
from kcnn.layers.bilinear import Bilinear
from kcnn.layers.c_cells import CCells
from kcnn.layers.causal_conv import CausalConv1D
from kcnn.layers.channel_shuffle import ChannelShuffle
from kcnn.layers.channel_slice import ChannelSlice
from kcnn.layers.clip_padding import ClipPadding
from kcnn.layers.dense_block import DenseBlock
from kcnn.layers.fft_conv import FFTConv2D
from kcnn.layers.fire import Fire
from kcnn.layers.forget_bias import ForgetBias
from kcnn.layers.frame_slice import FrameSlice
from kcnn.layers.frames_as_maps import FramesAsMaps
from kcnn.layers.gated_activation import GatedActivation
from kcnn.layers.gaussian_codes import GaussianCodes
from kcnn.layers.gaussian_sample import GaussianSample
from kcnn.layers.group_sum import GroupSum
from kcnn.layers.grouped_causal_conv import GroupedCausalConv1D
from kcnn.layers.grouped_conv import GroupedConv2D
from kcnn.layers.identity_kernel import IdentityKernel
from kcnn.layers.im2col_conv import Im2ColConv2D
from kcnn.layers.inception import Inception
from kcnn.layers.inverted_residual import InvertedResidual
from kcnn.layers.local_response_norm import LocalResponseNormalization
from kcnn.layers.log_mel import LogMel
from kcnn.layers.motion_channels import MotionChannels
from kcnn.layers.moving_crop import MovingCrop
from kcnn.layers.normalization import normalization
from kcnn.layers.one_hot import OneHot
from kcnn.layers.partial_connection import PartialConnectionConv2D
from kcnn.layers.rbf_output import RBFOutput
from kcnn.layers.s_cells import SCells
from kcnn.layers.scaled_tanh import ScaledTanh
from kcnn.layers.shuffle_unit import ShuffleUnit
from kcnn.layers.squeeze_excite import SqueezeExcite
from kcnn.layers.stochastic_depth import StochasticDepth
from kcnn.layers.temporal_pooling import TemporalPooling
from kcnn.layers.temporal_subsampling import TemporalSubsampling
from kcnn.layers.trainable_subsampling import TrainableSubsampling
from kcnn.layers.transition import Transition
from kcnn.layers.transposed_conv import TransposedConv1D, TransposedConv2D
from kcnn.layers.unshared_bias import UnsharedBias
from kcnn.layers.weight_norm import WeightNorm
from kcnn.layers.word_vectors import WordVectors
from kcnn.layers.zero_pad_shortcut import ZeroPadShortcut

__all__ = [
    "BackgroundPadding2D",
    "Bilinear",
    "CCells",
    "CausalConv1D",
    "ChannelShuffle",
    "ChannelSlice",
    "ClipPadding",
    "DenseBlock",
    "FFTConv2D",
    "Fire",
    "ForgetBias",
    "FrameSlice",
    "FramesAsMaps",
    "GatedActivation",
    "GaussianCodes",
    "GaussianSample",
    "GroupSum",
    "GroupedCausalConv1D",
    "GroupedConv2D",
    "IdentityKernel",
    "Im2ColConv2D",
    "Inception",
    "InvertedResidual",
    "LocalResponseNormalization",
    "LogMel",
    "MotionChannels",
    "MovingCrop",
    "OneHot",
    "PartialConnectionConv2D",
    "RBFOutput",
    "SCells",
    "ScaledTanh",
    "ShuffleUnit",
    "SqueezeExcite",
    "StochasticDepth",
    "TemporalPooling",
    "TemporalSubsampling",
    "TrainableSubsampling",
    "Transition",
    "TransposedConv1D",
    "TransposedConv2D",
    "UnsharedBias",
    "WeightNorm",
    "WordVectors",
    "ZeroPadShortcut",
    "normalization",
]
