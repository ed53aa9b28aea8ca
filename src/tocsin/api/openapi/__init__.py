"""The API described by itself: an OpenAPI 3.1 document made of the routes and their types, and a page to read it"""
