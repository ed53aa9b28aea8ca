"""What is looked after: the catalogue of services, and a page for each with who would be reached and when."""

from tocsin.web.contract import Page
from tocsin.web.pages.catalogue.handlers import catalogue, service

PAGE = Page(
    "services",
    "What do we look after, and is it covered?",
    (catalogue, service),
    path="/services",
    title="services.title",
    place=50,
    verb="service.read",
    icon="services",
)
