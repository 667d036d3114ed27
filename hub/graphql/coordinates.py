"""The schema coordinates that a document depends on: more than those that the guard asks for and the ledger keeps.

A document breaks also where an argument, the type of a variable or a directive is gone, none of which opens anything.

Source: GraphQL specification, schema coordinates.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# graphql-core's wrapping types are generic and their items' types are left open.

from graphql import (
    DirectiveNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    GraphQLSchema,
    NamedTypeNode,
    ObjectFieldNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    visit,
)


class _Coordinates(Visitor):
    """Collects the coordinates of a document."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types
        self.found: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """A selection, what it leads to, and its arguments with their types."""
        parent, leads_to = self._types.get_parent_type(), get_named_type(self._types.get_type())
        field = self._types.get_field_def()
        if parent is None or leads_to is None or field is None:
            return
        coordinate = f"{parent.name}.{node.name.value}"
        self.found |= {parent.name, coordinate, leads_to.name}
        for one in node.arguments or ():
            argument = field.args.get(one.name.value)
            if argument is not None:
                self.found |= {f"{coordinate}({one.name.value}:)", get_named_type(argument.type).name}

    def enter_object_field(self, node: ObjectFieldNode, *_: object) -> None:
        """A field of an input object, and its type."""
        parent, kind = get_named_type(self._types.get_parent_input_type()), self._types.get_input_type()
        if parent is not None and kind is not None:
            self.found |= {parent.name, f"{parent.name}.{node.name.value}", get_named_type(kind).name}

    def enter_enum_value(self, node: EnumValueNode, *_: object) -> None:
        """A value of an enum."""
        kind = get_named_type(self._types.get_input_type())
        if kind is not None:
            self.found.add(f"{kind.name}.{node.value}")

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        """The type of a variable, or the condition of a fragment."""
        self.found.add(node.name.value)

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        """A directive, with the arguments that it is given."""
        name = f"@{node.name.value}"
        self.found |= {name, *(f"{name}({one.name.value}:)" for one in node.arguments or ())}


def coordinates_of(schema: GraphQLSchema, document: DocumentNode) -> frozenset[str]:
    """The coordinates that a valid document depends on, in all its operations and fragments.

    Args:
        schema: that the document fits.
        document: parsed.
    """
    types = TypeInfo(schema)
    found = _Coordinates(types)
    visit(document, TypeInfoVisitor(types, found))
    return frozenset(found.found)
