# shows: Windows line ends
# trick: windows
