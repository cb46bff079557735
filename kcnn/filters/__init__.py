"""Classical image processing: blurring, edges, sharpening, templates, Gabor filters and keypoints.

Images are float arrays (H, W) or (H, W, 3), in 0..1 unless said.
"""
