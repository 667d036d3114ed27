"""From what was sent to a question that is understood: its document, variables, cost, and every coordinate that it uses."""

from auth.listed_operations import Checked
from auth.tokens import Caller
from hub.graphql import guard
from hub.graphql.asked import Understood
from hub.graphql.cost import Cost, Prices
from hub.graphql.documents import Documents
from hub.graphql.listed import Listed, checked
from hub.graphql.media import Question
from hub.graphql.plan import variables_of
from hub.graphql.sdl import graphql_schema
from hub.graphql.services import Services


class Understanding:
    """Understands questions. One for each process.

    Args:
        services: of the process.
    """

    def __init__(self, services: Services) -> None:
        self._schema = graphql_schema()
        self._documents = Documents(self._schema, limits=services.budgets.limits)
        self._prices = Prices(self._schema)
        self._listed = Listed(services.pool, services.clock)

    async def understood(
        self, caller: Caller, question: Question, request_id: str, *, lenient: bool = False
    ) -> Understood:
        """The question with the document that the caller may send for it.

        Args:
            caller: of the token.
            question: as received.
            request_id: of the request.
            lenient: fields that the permit does not cover are null, and do not refuse the operation.

        Raises:
            HubError: the caller may not send it, or it is not valid.
        """
        question = await self._listed.told(caller, question)
        document = self._documents.get(question.query)
        operation = document.operation(question.operation_name)
        return Understood(
            question=question,
            request_id=request_id,
            document=document,
            operation=operation,
            variables=variables_of(self._schema, operation, question.variables),
            lenient=lenient,
        )

    def cost(self, asking: Understood) -> Cost:
        """What the operation may cost at most."""
        return self._prices.cost(asking.document, asking.operation, asking.variables)

    def uses(self, asking: Understood) -> guard.Uses:
        """Every coordinate that the operation uses."""
        # Variables may name fields that the document does not, so they are looked at with every request.
        argued = guard.uses_of_variables(self._schema, asking.operation, asking.question.variables)
        return asking.document.uses.with_argued(argued)

    def listable(self, text: str) -> Checked:
        """The document of that text, if it may be listed.

        Raises:
            InputInvalid: it is not valid, or holds a text, which may be a person's.
            QueryTooCostly: it passes a limit.
        """
        return checked(self._documents, text)
