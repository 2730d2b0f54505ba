from google.protobuf import descriptor_pb2 as _descriptor_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class Sensitivity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SENSITIVITY_UNSPECIFIED: _ClassVar[Sensitivity]
    SENSITIVITY_ENVELOPE: _ClassVar[Sensitivity]
    SENSITIVITY_MINIMAL: _ClassVar[Sensitivity]
    SENSITIVITY_OPTIONAL: _ClassVar[Sensitivity]
    SENSITIVITY_SENSITIVE: _ClassVar[Sensitivity]
    SENSITIVITY_NEVER: _ClassVar[Sensitivity]

class DataClass(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DATA_CLASS_UNSPECIFIED: _ClassVar[DataClass]
    DATA_CLASS_SPECIAL: _ClassVar[DataClass]
    DATA_CLASS_OFFENCE: _ClassVar[DataClass]
SENSITIVITY_UNSPECIFIED: Sensitivity
SENSITIVITY_ENVELOPE: Sensitivity
SENSITIVITY_MINIMAL: Sensitivity
SENSITIVITY_OPTIONAL: Sensitivity
SENSITIVITY_SENSITIVE: Sensitivity
SENSITIVITY_NEVER: Sensitivity
DATA_CLASS_UNSPECIFIED: DataClass
DATA_CLASS_SPECIAL: DataClass
DATA_CLASS_OFFENCE: DataClass
SHARE_FIELD_NUMBER: _ClassVar[int]
share: _descriptor.FieldDescriptor
VOCABULARY_FIELD_NUMBER: _ClassVar[int]
vocabulary: _descriptor.FieldDescriptor
PFIF_FIELD_NUMBER: _ClassVar[int]
pfif: _descriptor.FieldDescriptor
NIEM_FIELD_NUMBER: _ClassVar[int]
niem: _descriptor.FieldDescriptor
YELLOW_FIELD_NUMBER: _ClassVar[int]
yellow: _descriptor.FieldDescriptor
HAGUE_FIELD_NUMBER: _ClassVar[int]
hague: _descriptor.FieldDescriptor
MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
max_length: _descriptor.FieldDescriptor
MAX_ITEMS_FIELD_NUMBER: _ClassVar[int]
max_items: _descriptor.FieldDescriptor
DATA_CLASS_FIELD_NUMBER: _ClassVar[int]
data_class: _descriptor.FieldDescriptor
IS_VALUE_FIELD_NUMBER: _ClassVar[int]
is_value: _descriptor.FieldDescriptor
