"""Thiết lập nhanh: what is changed most in a procedure, without drawing."""
