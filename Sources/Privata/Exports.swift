@_exported public import PrivataCompliance
@_exported public import PrivataCore
