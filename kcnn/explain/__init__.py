"""What a trained network looks at: images as it sees them go in, NumPy arrays come out."""
