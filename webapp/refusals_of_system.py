"""What the operating system says when it refuses a file, a folder, a port or a line, in Vietnamese."""

import errno
import socket

NO_FILE = "không phải tệp thường"
WORDS = {
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.EISDIR: "đây là một thư mục",
    errno.ENOTDIR: "đường dẫn đi qua một tệp, không phải thư mục",
    errno.EACCES: "không có quyền đọc hoặc ghi ở đây",
    errno.EPERM: "không có quyền đọc hoặc ghi ở đây",
    errno.EROFS: "chỗ này chỉ đọc, không ghi được",
    errno.ENOSPC: "đĩa đã đầy",
    errno.EDQUOT: "đã dùng hết phần đĩa được cấp",
    errno.EFBIG: "tệp lớn quá mức được ghi ở đây",
    errno.ENAMETOOLONG: "tên tệp dài quá",
    errno.EADDRINUSE: "có chương trình khác đang dùng",
    errno.EADDRNOTAVAIL: "máy này không có địa chỉ ấy",
    errno.ECONNREFUSED: "không có chương trình nào nghe ở cổng ấy",
    errno.EHOSTUNREACH: "không đến được máy ấy qua mạng",
    errno.ENETUNREACH: "không đến được máy ấy qua mạng",
    errno.ETIMEDOUT: "không trả lời",
    errno.ECONNRESET: "ngắt kết nối giữa chừng",
    socket.EAI_NONAME: "không có máy nào tên như vậy",
    socket.EAI_NODATA: "tên máy ấy không có địa chỉ nào",
    socket.EAI_AGAIN: "máy chủ tên miền (DNS) không trả lời",
}


def why(error: OSError) -> str:
    """The reason in a few words; what has no words here stays as the system says it."""
    return WORDS.get(error.errno or 0, error.strerror or NO_FILE)
