"""What customers say, by intent: the classifier learns from these phrases.

`<product>` and `<number>` stand for themselves: a command is brought to this form before it is classified.
"""

from services.voice_commerce.monitoring import CANCEL, HELP, ORDER, ORDER_STATUS, SEARCH

PRODUCT, NUMBER = "<product>", "<number>"

PHRASES: dict[str, tuple[str, ...]] = {
    ORDER: (
        "order <number> <product>",
        "order <product>",
        "order the <product>",
        "please order <product> for me",
        "i want to order <number> <product>",
        "i would like to buy <product>",
        "buy <number> <product>",
        "buy me some <product>",
        "add <product> to my cart",
        "add <number> <product> to my order",
        "i need <number> more <product>",
        "send me <number> <product>",
        "get me <product> please",
        "i will take <number> of the <product>",
        "put <product> in my basket",
    ),
    SEARCH: (
        "do you have <product>",
        "do you sell <product>",
        "show me <product>",
        "find <product>",
        "search for <product>",
        "what <product> do you have",
        "how much is <product>",
        "what does <product> cost",
        "what is the price of <product>",
        "is <product> in stock",
        "look for <product>",
        "which kinds of <product> are there",
    ),
    ORDER_STATUS: (
        "where is my order",
        "what is the status of my order",
        "when will my order arrive",
        "track my order",
        "has my order been sent",
        "when does my parcel come",
        "track my parcel",
        "is my delivery on its way",
        "where is my <product>",
        "how long until my delivery arrives",
    ),
    CANCEL: (
        "cancel my order",
        "cancel my last order",
        "please cancel the <product>",
        "i changed my mind cancel it",
        "stop my order",
        "i do not want it any more",
        "i do not want the <product> any more",
        "take back my order",
        "undo my last order",
        "remove the <product> from my order",
    ),
    HELP: (
        "help",
        "help me",
        "what can you do",
        "what can i say",
        "how does this work",
        "how do i order something",
        "i need help",
        "talk to a person",
        "can i speak to somebody",
        "explain how to use this",
    ),
}
