"""The forms of signing in and of one's own account."""

from webapp.organisation.contacts import normalise_email
from webapp.organisation.fields import Contact, Form, Identifier, Text


class WhoForm(Form):
    """Who comes; the ward where several share the database."""

    ward = Identifier()


class SignInForm(WhoForm):
    identifier = Text("Nhập tên đăng nhập, thư điện tử hoặc số điện thoại.", most=200)
    password = Text("Nhập mật khẩu.", most=1000, strip=False)


class CodeForm(WhoForm):
    identifier = Text("Nhập số điện thoại hoặc tên đăng nhập.", most=200)
    code = Text("Nhập mã gồm 8 chữ số.", most=40)


class EmailForm(Form):
    email = Contact(normalise_email)


class PasswordForm(Form):
    old_password = Text(most=1000, strip=False)
    new_password = Text("Nhập mật khẩu mới.", most=1000, strip=False)
    repeated = Text("Nhập lại mật khẩu mới.", most=1000, strip=False)
