# Monitor checkpoint disk usage
import shutil

def get_checkpoint_size(checkpoint_dir):
    total_size = 0
    for dirpath, dirnames, filenames in os.walk(checkpoint_dir):
        for filename in filenames:
            filepath = os.path.join(dirpath, filename)
            total_size += os.path.getsize(filepath)
    return total_size / (1024**3)  # GB

size_gb = get_checkpoint_size("./checkpoints/multimodel")
print(f"Checkpoints using {size_gb:.2f} GB")
