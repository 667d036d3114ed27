"""The schema as strawberry holds it, as graphql-core runs it, and as SDL is printed."""

from functools import cache

from graphql import GraphQLSchema
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig

from hub.graphql.decisions import Mutation
from hub.graphql.events import Subscription
from hub.graphql.query import Query
from hub.graphql.scalars import SCALARS

FEDERATION = "2.9"
"""The last version that every composition library in use takes."""


@cache
def schema() -> Schema:
    """The federated schema, made once."""
    config = StrawberryConfig(disable_field_suggestions=True, scalar_map=SCALARS)
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        federation_version=FEDERATION,
        config=config,
    )


@cache
def graphql_schema() -> GraphQLSchema:
    """The same schema as graphql-core validates and executes it."""
    return schema()._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] -- strawberry has no public name


def printed() -> str:
    """The SDL, as `/schema.graphql` serves it and `schema/hub.graphql` keeps it."""
    return schema().as_str() + "\n"
