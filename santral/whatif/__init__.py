"""What if: recorded traffic played again under a changed configuration, beside what happened."""
