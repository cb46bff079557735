"""The papers of the networks: authors, title, year."""

FUKUSHIMA_1980 = "Fukushima: Neocognitron, a Self-organizing Neural Network Model of Pattern Recognition, 1980"
LECUN_1989 = "LeCun et al.: Backpropagation Applied to Handwritten Zip Code Recognition, 1989"
LECUN_1998 = "LeCun, Bottou, Bengio, Haffner: Gradient-Based Learning Applied to Document Recognition, 1998"
KRIZHEVSKY_2012 = "Krizhevsky, Sutskever, Hinton: ImageNet Classification with Deep Convolutional Neural Networks, 2012"
SIMONYAN_2014 = "Simonyan, Zisserman: Very Deep Convolutional Networks for Large-Scale Image Recognition, 2015"
SZEGEDY_2014 = "Szegedy et al.: Going Deeper with Convolutions, 2015"
SPRINGENBERG_2014 = (
    "Springenberg, Dosovitskiy, Brox, Riedmiller: Striving for Simplicity, the All Convolutional Net, 2015"
)
HE_2015 = "He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition, 2015"
ZAGORUYKO_2016 = "Zagoruyko, Komodakis: Wide Residual Networks, 2016"
XIE_2016 = "Xie, Girshick, Dollár, Tu, He: Aggregated Residual Transformations for Deep Neural Networks, 2017"
HUANG_2016 = "Huang, Liu, van der Maaten, Weinberger: Densely Connected Convolutional Networks, 2017"
IANDOLA_2016 = "Iandola et al.: SqueezeNet, AlexNet-Level Accuracy with 50x Fewer Parameters, 2016"
SANDLER_2018 = "Sandler, Howard, Zhu, Zhmoginov, Chen: MobileNetV2, Inverted Residuals and Linear Bottlenecks, 2018"
MA_2018 = "Ma, Zhang, Zheng, Sun: ShuffleNet V2, Practical Guidelines for Efficient CNN Architecture Design, 2018"
RONNEBERGER_2015 = "Ronneberger, Fischer, Brox: U-Net, Convolutional Networks for Biomedical Image Segmentation, 2015"
LONG_2015 = "Long, Shelhamer, Darrell: Fully Convolutional Networks for Semantic Segmentation, 2015"
YU_2016 = "Yu, Koltun: Multi-Scale Context Aggregation by Dilated Convolutions, 2016"
HINTON_2006 = "Hinton, Salakhutdinov: Reducing the Dimensionality of Data with Neural Networks, 2006"
KINGMA_2014 = "Kingma, Welling: Auto-Encoding Variational Bayes, 2014"
RADFORD_2016 = (
    "Radford, Metz, Chintala: Unsupervised Representation Learning with Deep Convolutional Generative Adversarial "
    "Networks, 2016"
)
HOCHREITER_1997 = "Hochreiter, Schmidhuber: Long Short-Term Memory, 1997"
CHO_2014 = "Cho et al.: Learning Phrase Representations using RNN Encoder-Decoder, 2014"
KIM_2014 = "Kim: Convolutional Neural Networks for Sentence Classification, 2014"
HERSHEY_2017 = "Hershey et al.: CNN Architectures for Large-Scale Audio Classification, 2017"
OORD_2016 = "van den Oord et al.: WaveNet, A Generative Model for Raw Audio, 2016"
BOROVYKH_2017 = "Borovykh et al.: Conditional Time Series Forecasting with Convolutional Neural Networks, 2017"
JI_2013 = "Ji, Xu, Yang, Yu: 3D Convolutional Neural Networks for Human Action Recognition, 2013"
KARPATHY_2014 = "Karpathy et al.: Large-Scale Video Classification with Convolutional Neural Networks, 2014"
TRAN_2015 = (
    "Tran, Bourdev, Fergus, Torresani, Paluri: Learning Spatiotemporal Features with 3D Convolutional Networks, 2015"
)
TRAN_2018 = (
    "Tran, Wang, Torresani, Ray, LeCun, Paluri: A Closer Look at Spatiotemporal Convolutions for Action Recognition, "
    "2018"
)
HUANG_2018 = "Huang, Zhou, Zhang, Li, Li: Video-Based Sign Language Recognition without Temporal Segmentation, 2018"
BAI_2018 = (
    "Bai, Kolter, Koltun: An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence "
    "Modeling, 2018"
)
TAN_2019 = "Tan, Le: EfficientNet, Rethinking Model Scaling for Convolutional Neural Networks, 2019"
