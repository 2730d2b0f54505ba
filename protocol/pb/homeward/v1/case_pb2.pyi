from protocol.pb.homeward.v1 import options_pb2 as _options_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Case(_message.Message):
    __slots__ = ("child_wishes", "federated_id", "lead_node", "follower_nodes", "status", "category", "further_categories", "runaway_from", "exploitation", "cross_border", "countries_from", "countries_to", "countries_via", "urgency", "risk", "child_count", "opened_at", "reported_missing_at", "last_known_alive_at", "found_at", "closed_at", "reported_by", "linked_cases", "retention", "children", "circumstances", "persons", "police", "authorities", "files", "legal_situation", "consents", "sources", "internal_notes", "local_case_number")
    CHILD_WISHES_FIELD_NUMBER: _ClassVar[int]
    FEDERATED_ID_FIELD_NUMBER: _ClassVar[int]
    LEAD_NODE_FIELD_NUMBER: _ClassVar[int]
    FOLLOWER_NODES_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    FURTHER_CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    RUNAWAY_FROM_FIELD_NUMBER: _ClassVar[int]
    EXPLOITATION_FIELD_NUMBER: _ClassVar[int]
    CROSS_BORDER_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_FROM_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_TO_FIELD_NUMBER: _ClassVar[int]
    COUNTRIES_VIA_FIELD_NUMBER: _ClassVar[int]
    URGENCY_FIELD_NUMBER: _ClassVar[int]
    RISK_FIELD_NUMBER: _ClassVar[int]
    CHILD_COUNT_FIELD_NUMBER: _ClassVar[int]
    OPENED_AT_FIELD_NUMBER: _ClassVar[int]
    REPORTED_MISSING_AT_FIELD_NUMBER: _ClassVar[int]
    LAST_KNOWN_ALIVE_AT_FIELD_NUMBER: _ClassVar[int]
    FOUND_AT_FIELD_NUMBER: _ClassVar[int]
    CLOSED_AT_FIELD_NUMBER: _ClassVar[int]
    REPORTED_BY_FIELD_NUMBER: _ClassVar[int]
    LINKED_CASES_FIELD_NUMBER: _ClassVar[int]
    RETENTION_FIELD_NUMBER: _ClassVar[int]
    CHILDREN_FIELD_NUMBER: _ClassVar[int]
    CIRCUMSTANCES_FIELD_NUMBER: _ClassVar[int]
    PERSONS_FIELD_NUMBER: _ClassVar[int]
    POLICE_FIELD_NUMBER: _ClassVar[int]
    AUTHORITIES_FIELD_NUMBER: _ClassVar[int]
    FILES_FIELD_NUMBER: _ClassVar[int]
    LEGAL_SITUATION_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    SOURCES_FIELD_NUMBER: _ClassVar[int]
    INTERNAL_NOTES_FIELD_NUMBER: _ClassVar[int]
    LOCAL_CASE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    child_wishes: _containers.RepeatedCompositeFieldContainer[ChildWishes]
    federated_id: str
    lead_node: str
    follower_nodes: _containers.RepeatedScalarFieldContainer[str]
    status: str
    category: str
    further_categories: _containers.RepeatedScalarFieldContainer[str]
    runaway_from: str
    exploitation: _containers.RepeatedScalarFieldContainer[str]
    cross_border: str
    countries_from: _containers.RepeatedScalarFieldContainer[str]
    countries_to: _containers.RepeatedScalarFieldContainer[str]
    countries_via: _containers.RepeatedScalarFieldContainer[str]
    urgency: int
    risk: RiskAssessment
    child_count: int
    opened_at: Moment
    reported_missing_at: Moment
    last_known_alive_at: Moment
    found_at: Moment
    closed_at: Moment
    reported_by: str
    linked_cases: _containers.RepeatedCompositeFieldContainer[LinkedCase]
    retention: Retention
    children: _containers.RepeatedCompositeFieldContainer[Child]
    circumstances: Circumstances
    persons: _containers.RepeatedCompositeFieldContainer[Person]
    police: _containers.RepeatedCompositeFieldContainer[Authority]
    authorities: _containers.RepeatedCompositeFieldContainer[Authority]
    files: _containers.RepeatedCompositeFieldContainer[CaseFile]
    legal_situation: LegalSituation
    consents: _containers.RepeatedCompositeFieldContainer[Consent]
    sources: _containers.RepeatedCompositeFieldContainer[Source]
    internal_notes: _containers.RepeatedCompositeFieldContainer[InternalNote]
    local_case_number: str
    def __init__(self, child_wishes: _Optional[_Iterable[_Union[ChildWishes, _Mapping]]] = ..., federated_id: _Optional[str] = ..., lead_node: _Optional[str] = ..., follower_nodes: _Optional[_Iterable[str]] = ..., status: _Optional[str] = ..., category: _Optional[str] = ..., further_categories: _Optional[_Iterable[str]] = ..., runaway_from: _Optional[str] = ..., exploitation: _Optional[_Iterable[str]] = ..., cross_border: _Optional[str] = ..., countries_from: _Optional[_Iterable[str]] = ..., countries_to: _Optional[_Iterable[str]] = ..., countries_via: _Optional[_Iterable[str]] = ..., urgency: _Optional[int] = ..., risk: _Optional[_Union[RiskAssessment, _Mapping]] = ..., child_count: _Optional[int] = ..., opened_at: _Optional[_Union[Moment, _Mapping]] = ..., reported_missing_at: _Optional[_Union[Moment, _Mapping]] = ..., last_known_alive_at: _Optional[_Union[Moment, _Mapping]] = ..., found_at: _Optional[_Union[Moment, _Mapping]] = ..., closed_at: _Optional[_Union[Moment, _Mapping]] = ..., reported_by: _Optional[str] = ..., linked_cases: _Optional[_Iterable[_Union[LinkedCase, _Mapping]]] = ..., retention: _Optional[_Union[Retention, _Mapping]] = ..., children: _Optional[_Iterable[_Union[Child, _Mapping]]] = ..., circumstances: _Optional[_Union[Circumstances, _Mapping]] = ..., persons: _Optional[_Iterable[_Union[Person, _Mapping]]] = ..., police: _Optional[_Iterable[_Union[Authority, _Mapping]]] = ..., authorities: _Optional[_Iterable[_Union[Authority, _Mapping]]] = ..., files: _Optional[_Iterable[_Union[CaseFile, _Mapping]]] = ..., legal_situation: _Optional[_Union[LegalSituation, _Mapping]] = ..., consents: _Optional[_Iterable[_Union[Consent, _Mapping]]] = ..., sources: _Optional[_Iterable[_Union[Source, _Mapping]]] = ..., internal_notes: _Optional[_Iterable[_Union[InternalNote, _Mapping]]] = ..., local_case_number: _Optional[str] = ...) -> None: ...

class Text(_message.Message):
    __slots__ = ("text", "language")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    text: str
    language: str
    def __init__(self, text: _Optional[str] = ..., language: _Optional[str] = ...) -> None: ...

class Moment(_message.Message):
    __slots__ = ("at_ms", "precision", "zone")
    AT_MS_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    ZONE_FIELD_NUMBER: _ClassVar[int]
    at_ms: int
    precision: str
    zone: str
    def __init__(self, at_ms: _Optional[int] = ..., precision: _Optional[str] = ..., zone: _Optional[str] = ...) -> None: ...

class MomentRange(_message.Message):
    __slots__ = ("earliest", "latest")
    EARLIEST_FIELD_NUMBER: _ClassVar[int]
    LATEST_FIELD_NUMBER: _ClassVar[int]
    earliest: Moment
    latest: Moment
    def __init__(self, earliest: _Optional[_Union[Moment, _Mapping]] = ..., latest: _Optional[_Union[Moment, _Mapping]] = ...) -> None: ...

class PartialDate(_message.Message):
    __slots__ = ("year", "month", "day", "precision")
    YEAR_FIELD_NUMBER: _ClassVar[int]
    MONTH_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    PRECISION_FIELD_NUMBER: _ClassVar[int]
    year: int
    month: int
    day: int
    precision: str
    def __init__(self, year: _Optional[int] = ..., month: _Optional[int] = ..., day: _Optional[int] = ..., precision: _Optional[str] = ...) -> None: ...

class NumberRange(_message.Message):
    __slots__ = ("at_least", "at_most", "certainty")
    AT_LEAST_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_FIELD_NUMBER: _ClassVar[int]
    CERTAINTY_FIELD_NUMBER: _ClassVar[int]
    at_least: int
    at_most: int
    certainty: str
    def __init__(self, at_least: _Optional[int] = ..., at_most: _Optional[int] = ..., certainty: _Optional[str] = ...) -> None: ...

class Coordinates(_message.Message):
    __slots__ = ("latitude_hundredths", "longitude_hundredths", "accuracy_metres")
    LATITUDE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    LONGITUDE_HUNDREDTHS_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_METRES_FIELD_NUMBER: _ClassVar[int]
    latitude_hundredths: int
    longitude_hundredths: int
    accuracy_metres: int
    def __init__(self, latitude_hundredths: _Optional[int] = ..., longitude_hundredths: _Optional[int] = ..., accuracy_metres: _Optional[int] = ...) -> None: ...

class ChildWishes(_message.Message):
    __slots__ = ("child_id", "whereabouts_may_be_told_to", "wants_known", "wants_withheld", "withholding_reason", "heard", "heard_on")
    CHILD_ID_FIELD_NUMBER: _ClassVar[int]
    WHEREABOUTS_MAY_BE_TOLD_TO_FIELD_NUMBER: _ClassVar[int]
    WANTS_KNOWN_FIELD_NUMBER: _ClassVar[int]
    WANTS_WITHHELD_FIELD_NUMBER: _ClassVar[int]
    WITHHOLDING_REASON_FIELD_NUMBER: _ClassVar[int]
    HEARD_FIELD_NUMBER: _ClassVar[int]
    HEARD_ON_FIELD_NUMBER: _ClassVar[int]
    child_id: str
    whereabouts_may_be_told_to: _containers.RepeatedScalarFieldContainer[str]
    wants_known: Text
    wants_withheld: Text
    withholding_reason: str
    heard: str
    heard_on: PartialDate
    def __init__(self, child_id: _Optional[str] = ..., whereabouts_may_be_told_to: _Optional[_Iterable[str]] = ..., wants_known: _Optional[_Union[Text, _Mapping]] = ..., wants_withheld: _Optional[_Union[Text, _Mapping]] = ..., withholding_reason: _Optional[str] = ..., heard: _Optional[str] = ..., heard_on: _Optional[_Union[PartialDate, _Mapping]] = ...) -> None: ...

class RiskAssessment(_message.Message):
    __slots__ = ("level", "assessed_by", "assessed_at", "next_review_at")
    LEVEL_FIELD_NUMBER: _ClassVar[int]
    ASSESSED_BY_FIELD_NUMBER: _ClassVar[int]
    ASSESSED_AT_FIELD_NUMBER: _ClassVar[int]
    NEXT_REVIEW_AT_FIELD_NUMBER: _ClassVar[int]
    level: str
    assessed_by: str
    assessed_at: Moment
    next_review_at: Moment
    def __init__(self, level: _Optional[str] = ..., assessed_by: _Optional[str] = ..., assessed_at: _Optional[_Union[Moment, _Mapping]] = ..., next_review_at: _Optional[_Union[Moment, _Mapping]] = ...) -> None: ...

class LinkedCase(_message.Message):
    __slots__ = ("federated_id", "reason", "text")
    FEDERATED_ID_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    federated_id: str
    reason: str
    text: Text
    def __init__(self, federated_id: _Optional[str] = ..., reason: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Retention(_message.Message):
    __slots__ = ("ends_on", "basis", "on_hold", "hold_reason")
    ENDS_ON_FIELD_NUMBER: _ClassVar[int]
    BASIS_FIELD_NUMBER: _ClassVar[int]
    ON_HOLD_FIELD_NUMBER: _ClassVar[int]
    HOLD_REASON_FIELD_NUMBER: _ClassVar[int]
    ends_on: PartialDate
    basis: str
    on_hold: str
    hold_reason: str
    def __init__(self, ends_on: _Optional[_Union[PartialDate, _Mapping]] = ..., basis: _Optional[str] = ..., on_hold: _Optional[str] = ..., hold_reason: _Optional[str] = ...) -> None: ...

class Child(_message.Message):
    __slots__ = ("id", "status", "names", "sex", "age_band", "date_of_birth", "age_years", "age_disputed", "place_of_birth", "country_of_birth", "nationalities", "stateless", "languages", "interpreter_needed", "communication_needs", "habitual_residence_country", "habitual_residence", "identity_documents", "contact_points", "device_found", "residence", "description", "police_samples", "vulnerabilities")
    ID_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    AGE_BAND_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    AGE_YEARS_FIELD_NUMBER: _ClassVar[int]
    AGE_DISPUTED_FIELD_NUMBER: _ClassVar[int]
    PLACE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    NATIONALITIES_FIELD_NUMBER: _ClassVar[int]
    STATELESS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    INTERPRETER_NEEDED_FIELD_NUMBER: _ClassVar[int]
    COMMUNICATION_NEEDS_FIELD_NUMBER: _ClassVar[int]
    HABITUAL_RESIDENCE_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    HABITUAL_RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINTS_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FOUND_FIELD_NUMBER: _ClassVar[int]
    RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    POLICE_SAMPLES_FIELD_NUMBER: _ClassVar[int]
    VULNERABILITIES_FIELD_NUMBER: _ClassVar[int]
    id: str
    status: str
    names: _containers.RepeatedCompositeFieldContainer[PersonName]
    sex: str
    age_band: str
    date_of_birth: PartialDate
    age_years: NumberRange
    age_disputed: str
    place_of_birth: str
    country_of_birth: str
    nationalities: _containers.RepeatedScalarFieldContainer[str]
    stateless: str
    languages: _containers.RepeatedScalarFieldContainer[str]
    interpreter_needed: str
    communication_needs: _containers.RepeatedScalarFieldContainer[str]
    habitual_residence_country: str
    habitual_residence: Place
    identity_documents: _containers.RepeatedCompositeFieldContainer[IdentityDocument]
    contact_points: _containers.RepeatedCompositeFieldContainer[ContactPoint]
    device_found: str
    residence: Residence
    description: Description
    police_samples: PoliceSamples
    vulnerabilities: _containers.RepeatedCompositeFieldContainer[Vulnerability]
    def __init__(self, id: _Optional[str] = ..., status: _Optional[str] = ..., names: _Optional[_Iterable[_Union[PersonName, _Mapping]]] = ..., sex: _Optional[str] = ..., age_band: _Optional[str] = ..., date_of_birth: _Optional[_Union[PartialDate, _Mapping]] = ..., age_years: _Optional[_Union[NumberRange, _Mapping]] = ..., age_disputed: _Optional[str] = ..., place_of_birth: _Optional[str] = ..., country_of_birth: _Optional[str] = ..., nationalities: _Optional[_Iterable[str]] = ..., stateless: _Optional[str] = ..., languages: _Optional[_Iterable[str]] = ..., interpreter_needed: _Optional[str] = ..., communication_needs: _Optional[_Iterable[str]] = ..., habitual_residence_country: _Optional[str] = ..., habitual_residence: _Optional[_Union[Place, _Mapping]] = ..., identity_documents: _Optional[_Iterable[_Union[IdentityDocument, _Mapping]]] = ..., contact_points: _Optional[_Iterable[_Union[ContactPoint, _Mapping]]] = ..., device_found: _Optional[str] = ..., residence: _Optional[_Union[Residence, _Mapping]] = ..., description: _Optional[_Union[Description, _Mapping]] = ..., police_samples: _Optional[_Union[PoliceSamples, _Mapping]] = ..., vulnerabilities: _Optional[_Iterable[_Union[Vulnerability, _Mapping]]] = ...) -> None: ...

class PersonName(_message.Message):
    __slots__ = ("type", "full", "given", "patronymic", "family", "second_family", "script", "source_document")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    FULL_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    PATRONYMIC_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    SECOND_FAMILY_FIELD_NUMBER: _ClassVar[int]
    SCRIPT_FIELD_NUMBER: _ClassVar[int]
    SOURCE_DOCUMENT_FIELD_NUMBER: _ClassVar[int]
    type: str
    full: str
    given: str
    patronymic: str
    family: str
    second_family: str
    script: str
    source_document: str
    def __init__(self, type: _Optional[str] = ..., full: _Optional[str] = ..., given: _Optional[str] = ..., patronymic: _Optional[str] = ..., family: _Optional[str] = ..., second_family: _Optional[str] = ..., script: _Optional[str] = ..., source_document: _Optional[str] = ...) -> None: ...

class IdentityDocument(_message.Message):
    __slots__ = ("type", "number", "issuing_country", "issued_by", "valid_from", "valid_until", "held_by")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    ISSUING_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    ISSUED_BY_FIELD_NUMBER: _ClassVar[int]
    VALID_FROM_FIELD_NUMBER: _ClassVar[int]
    VALID_UNTIL_FIELD_NUMBER: _ClassVar[int]
    HELD_BY_FIELD_NUMBER: _ClassVar[int]
    type: str
    number: str
    issuing_country: str
    issued_by: str
    valid_from: PartialDate
    valid_until: PartialDate
    held_by: str
    def __init__(self, type: _Optional[str] = ..., number: _Optional[str] = ..., issuing_country: _Optional[str] = ..., issued_by: _Optional[str] = ..., valid_from: _Optional[_Union[PartialDate, _Mapping]] = ..., valid_until: _Optional[_Union[PartialDate, _Mapping]] = ..., held_by: _Optional[str] = ...) -> None: ...

class ContactPoint(_message.Message):
    __slots__ = ("kind", "value", "service", "text")
    KIND_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    value: str
    service: str
    text: Text
    def __init__(self, kind: _Optional[str] = ..., value: _Optional[str] = ..., service: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Residence(_message.Message):
    __slots__ = ("status", "guardian_appointed", "reception_centre")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    GUARDIAN_APPOINTED_FIELD_NUMBER: _ClassVar[int]
    RECEPTION_CENTRE_FIELD_NUMBER: _ClassVar[int]
    status: str
    guardian_appointed: str
    reception_centre: str
    def __init__(self, status: _Optional[str] = ..., guardian_appointed: _Optional[str] = ..., reception_centre: _Optional[str] = ...) -> None: ...

class PoliceSamples(_message.Message):
    __slots__ = ("dna_held_by_police", "fingerprints_held_by_police", "dental_held_by_police")
    DNA_HELD_BY_POLICE_FIELD_NUMBER: _ClassVar[int]
    FINGERPRINTS_HELD_BY_POLICE_FIELD_NUMBER: _ClassVar[int]
    DENTAL_HELD_BY_POLICE_FIELD_NUMBER: _ClassVar[int]
    dna_held_by_police: str
    fingerprints_held_by_police: str
    dental_held_by_police: str
    def __init__(self, dna_held_by_police: _Optional[str] = ..., fingerprints_held_by_police: _Optional[str] = ..., dental_held_by_police: _Optional[str] = ...) -> None: ...

class Vulnerability(_message.Message):
    __slots__ = ("kind", "source", "confidence", "noted_on", "medicine", "needed_by", "text")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    NOTED_ON_FIELD_NUMBER: _ClassVar[int]
    MEDICINE_FIELD_NUMBER: _ClassVar[int]
    NEEDED_BY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    source: str
    confidence: str
    noted_on: PartialDate
    medicine: str
    needed_by: Moment
    text: Text
    def __init__(self, kind: _Optional[str] = ..., source: _Optional[str] = ..., confidence: _Optional[str] = ..., noted_on: _Optional[_Union[PartialDate, _Mapping]] = ..., medicine: _Optional[str] = ..., needed_by: _Optional[_Union[Moment, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Description(_message.Message):
    __slots__ = ("height_cm", "weight_kg", "build", "hair_colours", "hair_length", "hair_style", "eye_colours", "skin_tone", "worn_aids", "marks", "intimate_marks", "clothing", "items_carried")
    HEIGHT_CM_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_KG_FIELD_NUMBER: _ClassVar[int]
    BUILD_FIELD_NUMBER: _ClassVar[int]
    HAIR_COLOURS_FIELD_NUMBER: _ClassVar[int]
    HAIR_LENGTH_FIELD_NUMBER: _ClassVar[int]
    HAIR_STYLE_FIELD_NUMBER: _ClassVar[int]
    EYE_COLOURS_FIELD_NUMBER: _ClassVar[int]
    SKIN_TONE_FIELD_NUMBER: _ClassVar[int]
    WORN_AIDS_FIELD_NUMBER: _ClassVar[int]
    MARKS_FIELD_NUMBER: _ClassVar[int]
    INTIMATE_MARKS_FIELD_NUMBER: _ClassVar[int]
    CLOTHING_FIELD_NUMBER: _ClassVar[int]
    ITEMS_CARRIED_FIELD_NUMBER: _ClassVar[int]
    height_cm: NumberRange
    weight_kg: NumberRange
    build: str
    hair_colours: _containers.RepeatedScalarFieldContainer[str]
    hair_length: str
    hair_style: Text
    eye_colours: _containers.RepeatedScalarFieldContainer[str]
    skin_tone: Text
    worn_aids: _containers.RepeatedScalarFieldContainer[str]
    marks: _containers.RepeatedCompositeFieldContainer[BodyMark]
    intimate_marks: _containers.RepeatedCompositeFieldContainer[BodyMark]
    clothing: _containers.RepeatedCompositeFieldContainer[Garment]
    items_carried: _containers.RepeatedCompositeFieldContainer[Text]
    def __init__(self, height_cm: _Optional[_Union[NumberRange, _Mapping]] = ..., weight_kg: _Optional[_Union[NumberRange, _Mapping]] = ..., build: _Optional[str] = ..., hair_colours: _Optional[_Iterable[str]] = ..., hair_length: _Optional[str] = ..., hair_style: _Optional[_Union[Text, _Mapping]] = ..., eye_colours: _Optional[_Iterable[str]] = ..., skin_tone: _Optional[_Union[Text, _Mapping]] = ..., worn_aids: _Optional[_Iterable[str]] = ..., marks: _Optional[_Iterable[_Union[BodyMark, _Mapping]]] = ..., intimate_marks: _Optional[_Iterable[_Union[BodyMark, _Mapping]]] = ..., clothing: _Optional[_Iterable[_Union[Garment, _Mapping]]] = ..., items_carried: _Optional[_Iterable[_Union[Text, _Mapping]]] = ...) -> None: ...

class BodyMark(_message.Message):
    __slots__ = ("kind", "body_region", "body_side", "text")
    KIND_FIELD_NUMBER: _ClassVar[int]
    BODY_REGION_FIELD_NUMBER: _ClassVar[int]
    BODY_SIDE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    body_region: str
    body_side: str
    text: Text
    def __init__(self, kind: _Optional[str] = ..., body_region: _Optional[str] = ..., body_side: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Garment(_message.Message):
    __slots__ = ("item", "colours", "brand", "text")
    ITEM_FIELD_NUMBER: _ClassVar[int]
    COLOURS_FIELD_NUMBER: _ClassVar[int]
    BRAND_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    item: str
    colours: _containers.RepeatedScalarFieldContainer[str]
    brand: str
    text: Text
    def __init__(self, item: _Optional[str] = ..., colours: _Optional[_Iterable[str]] = ..., brand: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Circumstances(_message.Message):
    __slots__ = ("last_seen", "missing_from", "text", "reasons_left", "planned", "times_missing_before", "journeys", "believed_destinations", "sightings", "contacts_since", "police_alert_published", "publications")
    LAST_SEEN_FIELD_NUMBER: _ClassVar[int]
    MISSING_FROM_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REASONS_LEFT_FIELD_NUMBER: _ClassVar[int]
    PLANNED_FIELD_NUMBER: _ClassVar[int]
    TIMES_MISSING_BEFORE_FIELD_NUMBER: _ClassVar[int]
    JOURNEYS_FIELD_NUMBER: _ClassVar[int]
    BELIEVED_DESTINATIONS_FIELD_NUMBER: _ClassVar[int]
    SIGHTINGS_FIELD_NUMBER: _ClassVar[int]
    CONTACTS_SINCE_FIELD_NUMBER: _ClassVar[int]
    POLICE_ALERT_PUBLISHED_FIELD_NUMBER: _ClassVar[int]
    PUBLICATIONS_FIELD_NUMBER: _ClassVar[int]
    last_seen: Sighting
    missing_from: str
    text: Text
    reasons_left: _containers.RepeatedScalarFieldContainer[str]
    planned: str
    times_missing_before: NumberRange
    journeys: _containers.RepeatedCompositeFieldContainer[Journey]
    believed_destinations: _containers.RepeatedCompositeFieldContainer[Place]
    sightings: _containers.RepeatedCompositeFieldContainer[Sighting]
    contacts_since: _containers.RepeatedCompositeFieldContainer[ContactSince]
    police_alert_published: str
    publications: _containers.RepeatedCompositeFieldContainer[Publication]
    def __init__(self, last_seen: _Optional[_Union[Sighting, _Mapping]] = ..., missing_from: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ..., reasons_left: _Optional[_Iterable[str]] = ..., planned: _Optional[str] = ..., times_missing_before: _Optional[_Union[NumberRange, _Mapping]] = ..., journeys: _Optional[_Iterable[_Union[Journey, _Mapping]]] = ..., believed_destinations: _Optional[_Iterable[_Union[Place, _Mapping]]] = ..., sightings: _Optional[_Iterable[_Union[Sighting, _Mapping]]] = ..., contacts_since: _Optional[_Iterable[_Union[ContactSince, _Mapping]]] = ..., police_alert_published: _Optional[str] = ..., publications: _Optional[_Iterable[_Union[Publication, _Mapping]]] = ...) -> None: ...

class Sighting(_message.Message):
    __slots__ = ("id", "child_ids", "seen", "place", "seen_by", "reliability", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    SEEN_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    SEEN_BY_FIELD_NUMBER: _ClassVar[int]
    RELIABILITY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    seen: MomentRange
    place: Place
    seen_by: str
    reliability: str
    text: Text
    def __init__(self, id: _Optional[str] = ..., child_ids: _Optional[_Iterable[str]] = ..., seen: _Optional[_Union[MomentRange, _Mapping]] = ..., place: _Optional[_Union[Place, _Mapping]] = ..., seen_by: _Optional[str] = ..., reliability: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Place(_message.Message):
    __slots__ = ("country", "region", "locality", "postal_code", "street", "name", "kind", "coordinates")
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    LOCALITY_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    STREET_FIELD_NUMBER: _ClassVar[int]
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    COORDINATES_FIELD_NUMBER: _ClassVar[int]
    country: str
    region: str
    locality: str
    postal_code: str
    street: str
    name: str
    kind: str
    coordinates: Coordinates
    def __init__(self, country: _Optional[str] = ..., region: _Optional[str] = ..., locality: _Optional[str] = ..., postal_code: _Optional[str] = ..., street: _Optional[str] = ..., name: _Optional[str] = ..., kind: _Optional[str] = ..., coordinates: _Optional[_Union[Coordinates, _Mapping]] = ...) -> None: ...

class Journey(_message.Message):
    __slots__ = ("means", "travelled", "service", "vehicle", "text")
    MEANS_FIELD_NUMBER: _ClassVar[int]
    TRAVELLED_FIELD_NUMBER: _ClassVar[int]
    SERVICE_FIELD_NUMBER: _ClassVar[int]
    VEHICLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    means: str
    travelled: MomentRange
    service: str
    vehicle: Vehicle
    text: Text
    def __init__(self, means: _Optional[str] = ..., travelled: _Optional[_Union[MomentRange, _Mapping]] = ..., service: _Optional[str] = ..., vehicle: _Optional[_Union[Vehicle, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Vehicle(_message.Message):
    __slots__ = ("make", "model", "colour", "plate_country", "plate_number")
    MAKE_FIELD_NUMBER: _ClassVar[int]
    MODEL_FIELD_NUMBER: _ClassVar[int]
    COLOUR_FIELD_NUMBER: _ClassVar[int]
    PLATE_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    PLATE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    make: str
    model: str
    colour: str
    plate_country: str
    plate_number: str
    def __init__(self, make: _Optional[str] = ..., model: _Optional[str] = ..., colour: _Optional[str] = ..., plate_country: _Optional[str] = ..., plate_number: _Optional[str] = ...) -> None: ...

class ContactSince(_message.Message):
    __slots__ = ("at", "means", "in_touch_with", "said")
    AT_FIELD_NUMBER: _ClassVar[int]
    MEANS_FIELD_NUMBER: _ClassVar[int]
    IN_TOUCH_WITH_FIELD_NUMBER: _ClassVar[int]
    SAID_FIELD_NUMBER: _ClassVar[int]
    at: Moment
    means: str
    in_touch_with: str
    said: Text
    def __init__(self, at: _Optional[_Union[Moment, _Mapping]] = ..., means: _Optional[str] = ..., in_touch_with: _Optional[str] = ..., said: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Publication(_message.Message):
    __slots__ = ("medium", "outlet", "published_by", "published_at", "to_be_removed")
    MEDIUM_FIELD_NUMBER: _ClassVar[int]
    OUTLET_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_BY_FIELD_NUMBER: _ClassVar[int]
    PUBLISHED_AT_FIELD_NUMBER: _ClassVar[int]
    TO_BE_REMOVED_FIELD_NUMBER: _ClassVar[int]
    medium: str
    outlet: str
    published_by: str
    published_at: Moment
    to_be_removed: str
    def __init__(self, medium: _Optional[str] = ..., outlet: _Optional[str] = ..., published_by: _Optional[str] = ..., published_at: _Optional[_Union[Moment, _Mapping]] = ..., to_be_removed: _Optional[str] = ...) -> None: ...

class Person(_message.Message):
    __slots__ = ("id", "roles", "relations", "names", "sex", "date_of_birth", "nationalities", "languages", "occupation", "residence", "contact_points", "identity_documents", "vehicles", "description", "danger_to_child", "danger_to_staff", "may_not_know_we_act", "allegation", "text", "place_of_birth", "country_of_birth")
    ID_FIELD_NUMBER: _ClassVar[int]
    ROLES_FIELD_NUMBER: _ClassVar[int]
    RELATIONS_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    SEX_FIELD_NUMBER: _ClassVar[int]
    DATE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    NATIONALITIES_FIELD_NUMBER: _ClassVar[int]
    LANGUAGES_FIELD_NUMBER: _ClassVar[int]
    OCCUPATION_FIELD_NUMBER: _ClassVar[int]
    RESIDENCE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINTS_FIELD_NUMBER: _ClassVar[int]
    IDENTITY_DOCUMENTS_FIELD_NUMBER: _ClassVar[int]
    VEHICLES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    DANGER_TO_CHILD_FIELD_NUMBER: _ClassVar[int]
    DANGER_TO_STAFF_FIELD_NUMBER: _ClassVar[int]
    MAY_NOT_KNOW_WE_ACT_FIELD_NUMBER: _ClassVar[int]
    ALLEGATION_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PLACE_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_OF_BIRTH_FIELD_NUMBER: _ClassVar[int]
    id: str
    roles: _containers.RepeatedScalarFieldContainer[str]
    relations: _containers.RepeatedCompositeFieldContainer[Relation]
    names: _containers.RepeatedCompositeFieldContainer[PersonName]
    sex: str
    date_of_birth: PartialDate
    nationalities: _containers.RepeatedScalarFieldContainer[str]
    languages: _containers.RepeatedScalarFieldContainer[str]
    occupation: str
    residence: Place
    contact_points: _containers.RepeatedCompositeFieldContainer[ContactPoint]
    identity_documents: _containers.RepeatedCompositeFieldContainer[IdentityDocument]
    vehicles: _containers.RepeatedCompositeFieldContainer[Vehicle]
    description: Description
    danger_to_child: str
    danger_to_staff: str
    may_not_know_we_act: str
    allegation: Allegation
    text: Text
    place_of_birth: str
    country_of_birth: str
    def __init__(self, id: _Optional[str] = ..., roles: _Optional[_Iterable[str]] = ..., relations: _Optional[_Iterable[_Union[Relation, _Mapping]]] = ..., names: _Optional[_Iterable[_Union[PersonName, _Mapping]]] = ..., sex: _Optional[str] = ..., date_of_birth: _Optional[_Union[PartialDate, _Mapping]] = ..., nationalities: _Optional[_Iterable[str]] = ..., languages: _Optional[_Iterable[str]] = ..., occupation: _Optional[str] = ..., residence: _Optional[_Union[Place, _Mapping]] = ..., contact_points: _Optional[_Iterable[_Union[ContactPoint, _Mapping]]] = ..., identity_documents: _Optional[_Iterable[_Union[IdentityDocument, _Mapping]]] = ..., vehicles: _Optional[_Iterable[_Union[Vehicle, _Mapping]]] = ..., description: _Optional[_Union[Description, _Mapping]] = ..., danger_to_child: _Optional[str] = ..., danger_to_staff: _Optional[str] = ..., may_not_know_we_act: _Optional[str] = ..., allegation: _Optional[_Union[Allegation, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ..., place_of_birth: _Optional[str] = ..., country_of_birth: _Optional[str] = ...) -> None: ...

class Relation(_message.Message):
    __slots__ = ("child_id", "relation")
    CHILD_ID_FIELD_NUMBER: _ClassVar[int]
    RELATION_FIELD_NUMBER: _ClassVar[int]
    child_id: str
    relation: str
    def __init__(self, child_id: _Optional[str] = ..., relation: _Optional[str] = ...) -> None: ...

class Allegation(_message.Message):
    __slots__ = ("status", "offence")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OFFENCE_FIELD_NUMBER: _ClassVar[int]
    status: str
    offence: Text
    def __init__(self, status: _Optional[str] = ..., offence: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Authority(_message.Message):
    __slots__ = ("id", "kind", "country", "office", "references", "role", "contact_name", "contact_points", "told_at", "told_by", "has_lead", "wishes")
    ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    OFFICE_FIELD_NUMBER: _ClassVar[int]
    REFERENCES_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINTS_FIELD_NUMBER: _ClassVar[int]
    TOLD_AT_FIELD_NUMBER: _ClassVar[int]
    TOLD_BY_FIELD_NUMBER: _ClassVar[int]
    HAS_LEAD_FIELD_NUMBER: _ClassVar[int]
    WISHES_FIELD_NUMBER: _ClassVar[int]
    id: str
    kind: str
    country: str
    office: str
    references: _containers.RepeatedCompositeFieldContainer[Reference]
    role: str
    contact_name: str
    contact_points: _containers.RepeatedCompositeFieldContainer[ContactPoint]
    told_at: Moment
    told_by: str
    has_lead: str
    wishes: _containers.RepeatedCompositeFieldContainer[AuthorityWish]
    def __init__(self, id: _Optional[str] = ..., kind: _Optional[str] = ..., country: _Optional[str] = ..., office: _Optional[str] = ..., references: _Optional[_Iterable[_Union[Reference, _Mapping]]] = ..., role: _Optional[str] = ..., contact_name: _Optional[str] = ..., contact_points: _Optional[_Iterable[_Union[ContactPoint, _Mapping]]] = ..., told_at: _Optional[_Union[Moment, _Mapping]] = ..., told_by: _Optional[str] = ..., has_lead: _Optional[str] = ..., wishes: _Optional[_Iterable[_Union[AuthorityWish, _Mapping]]] = ...) -> None: ...

class Reference(_message.Message):
    __slots__ = ("kind", "number", "exists")
    KIND_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    EXISTS_FIELD_NUMBER: _ClassVar[int]
    kind: str
    number: str
    exists: str
    def __init__(self, kind: _Optional[str] = ..., number: _Optional[str] = ..., exists: _Optional[str] = ...) -> None: ...

class AuthorityWish(_message.Message):
    __slots__ = ("kind", "person_id", "text")
    KIND_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    kind: str
    person_id: str
    text: Text
    def __init__(self, kind: _Optional[str] = ..., person_id: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class CaseFile(_message.Message):
    __slots__ = ("id", "child_ids", "kind", "title", "language", "taken_on", "may_publish", "may_publish_until", "media_type", "size_bytes", "digest", "metadata_removed", "local_name")
    ID_FIELD_NUMBER: _ClassVar[int]
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_FIELD_NUMBER: _ClassVar[int]
    TAKEN_ON_FIELD_NUMBER: _ClassVar[int]
    MAY_PUBLISH_FIELD_NUMBER: _ClassVar[int]
    MAY_PUBLISH_UNTIL_FIELD_NUMBER: _ClassVar[int]
    MEDIA_TYPE_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    METADATA_REMOVED_FIELD_NUMBER: _ClassVar[int]
    LOCAL_NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    kind: str
    title: Text
    language: str
    taken_on: PartialDate
    may_publish: str
    may_publish_until: PartialDate
    media_type: str
    size_bytes: int
    digest: bytes
    metadata_removed: str
    local_name: str
    def __init__(self, id: _Optional[str] = ..., child_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[str] = ..., title: _Optional[_Union[Text, _Mapping]] = ..., language: _Optional[str] = ..., taken_on: _Optional[_Union[PartialDate, _Mapping]] = ..., may_publish: _Optional[str] = ..., may_publish_until: _Optional[_Union[PartialDate, _Mapping]] = ..., media_type: _Optional[str] = ..., size_bytes: _Optional[int] = ..., digest: _Optional[bytes] = ..., metadata_removed: _Optional[str] = ..., local_name: _Optional[str] = ...) -> None: ...

class LegalSituation(_message.Message):
    __slots__ = ("custody", "orders", "travel_consent", "removals", "hague_1980_applies", "brussels_iib_applies", "hague_1996_applies", "applications", "mediation", "criminal_complaints", "parents_marriage", "factual_grounds", "legal_grounds", "civil_proceedings", "return_to_person_id", "return_arrangements", "other_remarks")
    CUSTODY_FIELD_NUMBER: _ClassVar[int]
    ORDERS_FIELD_NUMBER: _ClassVar[int]
    TRAVEL_CONSENT_FIELD_NUMBER: _ClassVar[int]
    REMOVALS_FIELD_NUMBER: _ClassVar[int]
    HAGUE_1980_APPLIES_FIELD_NUMBER: _ClassVar[int]
    BRUSSELS_IIB_APPLIES_FIELD_NUMBER: _ClassVar[int]
    HAGUE_1996_APPLIES_FIELD_NUMBER: _ClassVar[int]
    APPLICATIONS_FIELD_NUMBER: _ClassVar[int]
    MEDIATION_FIELD_NUMBER: _ClassVar[int]
    CRIMINAL_COMPLAINTS_FIELD_NUMBER: _ClassVar[int]
    PARENTS_MARRIAGE_FIELD_NUMBER: _ClassVar[int]
    FACTUAL_GROUNDS_FIELD_NUMBER: _ClassVar[int]
    LEGAL_GROUNDS_FIELD_NUMBER: _ClassVar[int]
    CIVIL_PROCEEDINGS_FIELD_NUMBER: _ClassVar[int]
    RETURN_TO_PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    RETURN_ARRANGEMENTS_FIELD_NUMBER: _ClassVar[int]
    OTHER_REMARKS_FIELD_NUMBER: _ClassVar[int]
    custody: _containers.RepeatedCompositeFieldContainer[Custody]
    orders: _containers.RepeatedCompositeFieldContainer[CourtOrder]
    travel_consent: TravelConsent
    removals: _containers.RepeatedCompositeFieldContainer[Removal]
    hague_1980_applies: str
    brussels_iib_applies: str
    hague_1996_applies: str
    applications: _containers.RepeatedCompositeFieldContainer[Application]
    mediation: Mediation
    criminal_complaints: _containers.RepeatedCompositeFieldContainer[CriminalComplaint]
    parents_marriage: Marriage
    factual_grounds: Text
    legal_grounds: Text
    civil_proceedings: Text
    return_to_person_id: str
    return_arrangements: Text
    other_remarks: Text
    def __init__(self, custody: _Optional[_Iterable[_Union[Custody, _Mapping]]] = ..., orders: _Optional[_Iterable[_Union[CourtOrder, _Mapping]]] = ..., travel_consent: _Optional[_Union[TravelConsent, _Mapping]] = ..., removals: _Optional[_Iterable[_Union[Removal, _Mapping]]] = ..., hague_1980_applies: _Optional[str] = ..., brussels_iib_applies: _Optional[str] = ..., hague_1996_applies: _Optional[str] = ..., applications: _Optional[_Iterable[_Union[Application, _Mapping]]] = ..., mediation: _Optional[_Union[Mediation, _Mapping]] = ..., criminal_complaints: _Optional[_Iterable[_Union[CriminalComplaint, _Mapping]]] = ..., parents_marriage: _Optional[_Union[Marriage, _Mapping]] = ..., factual_grounds: _Optional[_Union[Text, _Mapping]] = ..., legal_grounds: _Optional[_Union[Text, _Mapping]] = ..., civil_proceedings: _Optional[_Union[Text, _Mapping]] = ..., return_to_person_id: _Optional[str] = ..., return_arrangements: _Optional[_Union[Text, _Mapping]] = ..., other_remarks: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Custody(_message.Message):
    __slots__ = ("child_ids", "person_id", "authority_id", "kind", "source", "order_id", "since", "text")
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_ID_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ORDER_ID_FIELD_NUMBER: _ClassVar[int]
    SINCE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    person_id: str
    authority_id: str
    kind: str
    source: str
    order_id: str
    since: PartialDate
    text: Text
    def __init__(self, child_ids: _Optional[_Iterable[str]] = ..., person_id: _Optional[str] = ..., authority_id: _Optional[str] = ..., kind: _Optional[str] = ..., source: _Optional[str] = ..., order_id: _Optional[str] = ..., since: _Optional[_Union[PartialDate, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class CourtOrder(_message.Message):
    __slots__ = ("id", "child_ids", "kind", "court", "country", "number", "made_on", "enforceable", "file_id", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    COURT_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    MADE_ON_FIELD_NUMBER: _ClassVar[int]
    ENFORCEABLE_FIELD_NUMBER: _ClassVar[int]
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    kind: str
    court: str
    country: str
    number: str
    made_on: PartialDate
    enforceable: str
    file_id: str
    text: Text
    def __init__(self, id: _Optional[str] = ..., child_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[str] = ..., court: _Optional[str] = ..., country: _Optional[str] = ..., number: _Optional[str] = ..., made_on: _Optional[_Union[PartialDate, _Mapping]] = ..., enforceable: _Optional[str] = ..., file_id: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class TravelConsent(_message.Message):
    __slots__ = ("answer", "until", "file_id", "text")
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    UNTIL_FIELD_NUMBER: _ClassVar[int]
    FILE_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    answer: str
    until: PartialDate
    file_id: str
    text: Text
    def __init__(self, answer: _Optional[str] = ..., until: _Optional[_Union[PartialDate, _Mapping]] = ..., file_id: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Removal(_message.Message):
    __slots__ = ("child_ids", "kind", "happened_on", "from_country", "to_country", "text")
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HAPPENED_ON_FIELD_NUMBER: _ClassVar[int]
    FROM_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    TO_COUNTRY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    kind: str
    happened_on: PartialDate
    from_country: str
    to_country: str
    text: Text
    def __init__(self, child_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[str] = ..., happened_on: _Optional[_Union[PartialDate, _Mapping]] = ..., from_country: _Optional[str] = ..., to_country: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Application(_message.Message):
    __slots__ = ("id", "child_ids", "kind", "status", "applicant_person_id", "authority_id", "filed_on", "court_seised_on", "decided_on", "enforcement", "enforced_on", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    APPLICANT_PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_ID_FIELD_NUMBER: _ClassVar[int]
    FILED_ON_FIELD_NUMBER: _ClassVar[int]
    COURT_SEISED_ON_FIELD_NUMBER: _ClassVar[int]
    DECIDED_ON_FIELD_NUMBER: _ClassVar[int]
    ENFORCEMENT_FIELD_NUMBER: _ClassVar[int]
    ENFORCED_ON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    kind: str
    status: str
    applicant_person_id: str
    authority_id: str
    filed_on: PartialDate
    court_seised_on: PartialDate
    decided_on: PartialDate
    enforcement: str
    enforced_on: PartialDate
    text: Text
    def __init__(self, id: _Optional[str] = ..., child_ids: _Optional[_Iterable[str]] = ..., kind: _Optional[str] = ..., status: _Optional[str] = ..., applicant_person_id: _Optional[str] = ..., authority_id: _Optional[str] = ..., filed_on: _Optional[_Union[PartialDate, _Mapping]] = ..., court_seised_on: _Optional[_Union[PartialDate, _Mapping]] = ..., decided_on: _Optional[_Union[PartialDate, _Mapping]] = ..., enforcement: _Optional[str] = ..., enforced_on: _Optional[_Union[PartialDate, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Mediation(_message.Message):
    __slots__ = ("offered", "started", "started_on", "agreement", "agreed_on", "authority_id", "text")
    OFFERED_FIELD_NUMBER: _ClassVar[int]
    STARTED_FIELD_NUMBER: _ClassVar[int]
    STARTED_ON_FIELD_NUMBER: _ClassVar[int]
    AGREEMENT_FIELD_NUMBER: _ClassVar[int]
    AGREED_ON_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    offered: str
    started: str
    started_on: PartialDate
    agreement: str
    agreed_on: PartialDate
    authority_id: str
    text: Text
    def __init__(self, offered: _Optional[str] = ..., started: _Optional[str] = ..., started_on: _Optional[_Union[PartialDate, _Mapping]] = ..., agreement: _Optional[str] = ..., agreed_on: _Optional[_Union[PartialDate, _Mapping]] = ..., authority_id: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class CriminalComplaint(_message.Message):
    __slots__ = ("status", "made_by_person_id", "against_person_id", "authority_id", "made_on", "text")
    STATUS_FIELD_NUMBER: _ClassVar[int]
    MADE_BY_PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    AGAINST_PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    AUTHORITY_ID_FIELD_NUMBER: _ClassVar[int]
    MADE_ON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    status: str
    made_by_person_id: str
    against_person_id: str
    authority_id: str
    made_on: PartialDate
    text: Text
    def __init__(self, status: _Optional[str] = ..., made_by_person_id: _Optional[str] = ..., against_person_id: _Optional[str] = ..., authority_id: _Optional[str] = ..., made_on: _Optional[_Union[PartialDate, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Marriage(_message.Message):
    __slots__ = ("married", "married_on", "place", "country")
    MARRIED_FIELD_NUMBER: _ClassVar[int]
    MARRIED_ON_FIELD_NUMBER: _ClassVar[int]
    PLACE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    married: str
    married_on: PartialDate
    place: str
    country: str
    def __init__(self, married: _Optional[str] = ..., married_on: _Optional[_Union[PartialDate, _Mapping]] = ..., place: _Optional[str] = ..., country: _Optional[str] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("id", "answer", "given_by", "person_id", "child_ids", "purposes", "recipients", "special_categories", "form", "evidence_file_id", "given_on", "expires_on", "withdrawn_on", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    GIVEN_BY_FIELD_NUMBER: _ClassVar[int]
    PERSON_ID_FIELD_NUMBER: _ClassVar[int]
    CHILD_IDS_FIELD_NUMBER: _ClassVar[int]
    PURPOSES_FIELD_NUMBER: _ClassVar[int]
    RECIPIENTS_FIELD_NUMBER: _ClassVar[int]
    SPECIAL_CATEGORIES_FIELD_NUMBER: _ClassVar[int]
    FORM_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FILE_ID_FIELD_NUMBER: _ClassVar[int]
    GIVEN_ON_FIELD_NUMBER: _ClassVar[int]
    EXPIRES_ON_FIELD_NUMBER: _ClassVar[int]
    WITHDRAWN_ON_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    answer: str
    given_by: str
    person_id: str
    child_ids: _containers.RepeatedScalarFieldContainer[str]
    purposes: _containers.RepeatedScalarFieldContainer[str]
    recipients: _containers.RepeatedScalarFieldContainer[str]
    special_categories: str
    form: str
    evidence_file_id: str
    given_on: PartialDate
    expires_on: PartialDate
    withdrawn_on: PartialDate
    text: Text
    def __init__(self, id: _Optional[str] = ..., answer: _Optional[str] = ..., given_by: _Optional[str] = ..., person_id: _Optional[str] = ..., child_ids: _Optional[_Iterable[str]] = ..., purposes: _Optional[_Iterable[str]] = ..., recipients: _Optional[_Iterable[str]] = ..., special_categories: _Optional[str] = ..., form: _Optional[str] = ..., evidence_file_id: _Optional[str] = ..., given_on: _Optional[_Union[PartialDate, _Mapping]] = ..., expires_on: _Optional[_Union[PartialDate, _Mapping]] = ..., withdrawn_on: _Optional[_Union[PartialDate, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class Source(_message.Message):
    __slots__ = ("id", "role", "names", "contact_points", "told_at", "text")
    ID_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    NAMES_FIELD_NUMBER: _ClassVar[int]
    CONTACT_POINTS_FIELD_NUMBER: _ClassVar[int]
    TOLD_AT_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    id: str
    role: str
    names: _containers.RepeatedCompositeFieldContainer[PersonName]
    contact_points: _containers.RepeatedCompositeFieldContainer[ContactPoint]
    told_at: Moment
    text: Text
    def __init__(self, id: _Optional[str] = ..., role: _Optional[str] = ..., names: _Optional[_Iterable[_Union[PersonName, _Mapping]]] = ..., contact_points: _Optional[_Iterable[_Union[ContactPoint, _Mapping]]] = ..., told_at: _Optional[_Union[Moment, _Mapping]] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...

class InternalNote(_message.Message):
    __slots__ = ("written_at", "written_by", "text")
    WRITTEN_AT_FIELD_NUMBER: _ClassVar[int]
    WRITTEN_BY_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    written_at: Moment
    written_by: str
    text: Text
    def __init__(self, written_at: _Optional[_Union[Moment, _Mapping]] = ..., written_by: _Optional[str] = ..., text: _Optional[_Union[Text, _Mapping]] = ...) -> None: ...
